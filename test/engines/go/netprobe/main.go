// netprobe listens and dials in many network namespaces from one process.
//
//	netprobe SOCKET
//
// serves a Unix socket: a JSON request a line, a JSON answer a line.
//
//	{"listen":[{"networkNamespace":"mlnp-a","name":"ml/a","protocol":"TCP","port":80}]}
//	{"dial":[{"networkNamespace":"mlnp-b","address":"10.1.0.2","name":"ml/a","protocol":"TCP","port":80}],"quietMs":150}
//
// What is listened on already stays as it is. A dial sends a word of its own and wants it back with
// the listener's name: a connection that carries no data, or ends at somebody else, is not open.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"time"
)

// End is one port of one pod.
type End struct {
	NetworkNamespace string `json:"networkNamespace"`
	Address          string `json:"address"`
	Name             string `json:"name"`
	Protocol         string `json:"protocol"`
	Port             int    `json:"port"`
}

type request struct {
	Listen  []End `json:"listen"`
	Dial    []End `json:"dial"`
	QuietMs int   `json:"quietMs"`
}

type answer struct {
	// One a dial, in their order: "exchanged", "refused", "silent", or what went wrong.
	Dialed []string `json:"dialed"`
	Error  string   `json:"error,omitempty"`
}

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: netprobe SOCKET"))
	}
	server, err := net.Listen("unix", os.Args[1])
	fail(err)
	listeners := map[End]bool{}
	for {
		client, err := server.Accept()
		fail(err)
		serve(client, listeners)
	}
}

func serve(client net.Conn, listeners map[End]bool) {
	defer client.Close()
	requests, answers := json.NewDecoder(bufio.NewReader(client)), json.NewEncoder(client)
	for {
		var asked request
		if requests.Decode(&asked) != nil {
			return
		}
		if answers.Encode(answerTo(asked, listeners)) != nil {
			return
		}
	}
}

func answerTo(asked request, listeners map[End]bool) answer {
	for _, end := range asked.Listen {
		if listeners[end] {
			continue
		}
		if err := listen(end); err != nil {
			return answer{Error: fmt.Sprintf("listen on %v: %v", end, err)}
		}
		listeners[end] = true
	}
	dialed, err := dialAll(asked.Dial, time.Duration(asked.QuietMs)*time.Millisecond)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Dialed: dialed}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
