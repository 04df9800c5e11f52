// certificates signs an X.509 certificate for each URI of a JSON list, by an authority of its own
// that lives no longer than it runs.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/url"
	"os"
	"time"
)

type leaf struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func main() {
	var uris []string
	must(json.NewDecoder(os.Stdin).Decode(&uris))
	root, text := newAuthority()
	leaves := map[string]leaf{}
	for _, uri := range uris {
		leaves[uri] = root.leaf(uri)
	}
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{"authority": text, "leaves": leaves}))
}

func newAuthority() (authority, string) {
	key := newKey()
	shape := shaped()
	shape.IsCA, shape.BasicConstraintsValid, shape.KeyUsage = true, true, x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, shape, shape, &key.PublicKey, key)
	must(err)
	certificate, err := x509.ParseCertificate(der)
	must(err)
	return authority{certificate, key}, pemOf("CERTIFICATE", der)
}

func (root authority) leaf(uri string) leaf {
	key := newKey()
	shape := shaped()
	parsed, err := url.Parse(uri)
	must(err)
	shape.URIs = []*url.URL{parsed}
	shape.KeyUsage = x509.KeyUsageDigitalSignature
	shape.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	der, err := x509.CreateCertificate(rand.Reader, shape, root.certificate, &key.PublicKey, root.key)
	must(err)
	private, err := x509.MarshalECPrivateKey(key)
	must(err)
	return leaf{pemOf("CERTIFICATE", der), pemOf("EC PRIVATE KEY", private)}
}

func shaped() *x509.Certificate {
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	must(err)
	return &x509.Certificate{
		SerialNumber: serial,
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		Subject:      pkix.Name{Organization: []string{"cluster.local"}},
	}
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	return key
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "certificates:", err)
		os.Exit(1)
	}
}
