// send writes requests to sockets as they are given, byte by byte, and tells the status of each
// answer. JSON in, JSON out; no client's library stands between, which would mend what is odd.
package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

type identity struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

type request struct {
	// Local address; the kernel chooses when it is empty.
	From string `json:"from"`
	// Address and port.
	To string `json:"to"`
	// Name among the identities; plain text when it is empty.
	Identity string `json:"identity"`
	// The protocol that is offered within TLS.
	Protocol string `json:"protocol"`
	Text     string `json:"text"`
}

type answer struct {
	// 0: no HTTP answer came.
	Status int    `json:"status"`
	Body   string `json:"body"`
	// What ended the connection.
	Error string `json:"error,omitempty"`
}

const patience = 10 * time.Second

func main() {
	var asked struct {
		Identities map[string]identity `json:"identities"`
		Requests   []request           `json:"requests"`
		AtOnce     int                 `json:"atOnce"`
	}
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	certificates := map[string]tls.Certificate{}
	for name, one := range asked.Identities {
		certificate, err := tls.X509KeyPair([]byte(one.Certificate), []byte(one.Key))
		must(err)
		certificates[name] = certificate
	}
	answers := make([]answer, len(asked.Requests))
	slots := make(chan struct{}, max(asked.AtOnce, 1))
	var all sync.WaitGroup
	for index, one := range asked.Requests {
		all.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; all.Done() }()
			answers[index] = sent(one, certificates)
		}()
	}
	all.Wait()
	must(json.NewEncoder(os.Stdout).Encode(answers))
}

func sent(one request, certificates map[string]tls.Certificate) answer {
	connection, err := dialled(one, certificates)
	if err != nil {
		return answer{Error: err.Error()}
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(patience))
	if _, err := connection.Write([]byte(one.Text)); err != nil {
		return answer{Error: err.Error()}
	}
	method, _, _ := strings.Cut(one.Text, " ")
	found, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: method})
	if err != nil {
		return answer{Error: err.Error()}
	}
	defer found.Body.Close()
	body := make([]byte, 200)
	length, _ := found.Body.Read(body)
	return answer{Status: found.StatusCode, Body: string(body[:length])}
}

func dialled(one request, certificates map[string]tls.Certificate) (net.Conn, error) {
	dialer := net.Dialer{Timeout: patience}
	if one.From != "" {
		dialer.LocalAddr = &net.TCPAddr{IP: net.ParseIP(one.From)}
	}
	connection, err := dialer.Dial("tcp", one.To)
	if err != nil || one.Identity == "" {
		return connection, err
	}
	certificate, known := certificates[one.Identity]
	if !known {
		return nil, fmt.Errorf("no certificate for %s", one.Identity)
	}
	secured := tls.Client(connection, &tls.Config{
		Certificates: []tls.Certificate{certificate},
		NextProtos:   []string{one.Protocol},
		// whom the answer comes from is no question here
		InsecureSkipVerify: true,
	})
	_ = connection.SetDeadline(time.Now().Add(patience))
	if err := secured.Handshake(); err != nil {
		connection.Close()
		return nil, err
	}
	return secured, nil
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "send:", err)
		os.Exit(1)
	}
}
