// secrets is what sidecars ask for their certificates, in the place of Istio's agent: each gets the
// one of the service account that its node tells of, and that of the authority ("ROOTCA").
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secret "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/anypb"
)

type leaf struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

type server struct {
	secret.UnimplementedSecretDiscoveryServiceServer
	Authority string          `json:"authority"`
	Leaves    map[string]leaf `json:"leaves"`
}

func main() {
	certificates := flag.String("certificates", "", "file with the authority and its leaves by URI")
	socket := flag.String("socket", "", "where to listen")
	flag.Parse()
	text, err := os.ReadFile(*certificates)
	must(err)
	own := &server{}
	must(json.Unmarshal(text, own))
	listener, err := net.Listen("unix", *socket)
	must(err)
	all := grpc.NewServer()
	secret.RegisterSecretDiscoveryServiceServer(all, own)
	must(all.Serve(listener))
}

func (s *server) StreamSecrets(stream secret.SecretDiscoveryService_StreamSecretsServer) error {
	identity := ""
	for {
		asked, err := stream.Recv()
		if err != nil {
			return err
		}
		if node := asked.GetNode().GetMetadata().GetFields(); node != nil {
			namespace, account := node["NAMESPACE"], node["SERVICE_ACCOUNT"]
			identity = fmt.Sprintf("spiffe://cluster.local/ns/%s/sa/%s", namespace.GetStringValue(), account.GetStringValue())
		}
		if asked.GetErrorDetail() != nil {
			fmt.Fprintln(os.Stderr, "secrets: refused:", asked.GetErrorDetail())
		}
		if asked.GetResponseNonce() != "" {
			continue // nothing changes
		}
		answer := &discovery.DiscoveryResponse{TypeUrl: asked.GetTypeUrl(), VersionInfo: "1", Nonce: "1"}
		for _, name := range asked.GetResourceNames() {
			found, err := s.named(name, identity)
			if err != nil {
				return err
			}
			packed, err := anypb.New(found)
			if err != nil {
				return err
			}
			answer.Resources = append(answer.Resources, packed)
		}
		if err := stream.Send(answer); err != nil {
			return err
		}
	}
}

func (s *server) named(name, identity string) (*tls.Secret, error) {
	if name == "ROOTCA" {
		trusted := &tls.CertificateValidationContext{TrustedCa: inline(s.Authority)}
		return &tls.Secret{Name: name, Type: &tls.Secret_ValidationContext{ValidationContext: trusted}}, nil
	}
	own, known := s.Leaves[identity]
	if !known {
		return nil, errors.New("no certificate for " + identity)
	}
	chain := inline(own.Certificate + s.Authority)
	pair := &tls.TlsCertificate{CertificateChain: chain, PrivateKey: inline(own.Key)}
	return &tls.Secret{Name: name, Type: &tls.Secret_TlsCertificate{TlsCertificate: pair}}, nil
}

func inline(text string) *core.DataSource {
	return &core.DataSource{Specifier: &core.DataSource_InlineString{InlineString: text}}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "secrets:", err)
		os.Exit(1)
	}
}
