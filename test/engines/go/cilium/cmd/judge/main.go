// judge asks Cilium's own policy engine (parsers, selector cache, repository, map state) who reaches
// whom. One cluster a line in, its verdicts a line out; nothing of the kernel is needed.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cilium/cilium/pkg/option"
)

// cluster is one line of the input.
type cluster struct {
	Namespaces map[string]map[string]string
	Pods       map[string]pod
	Nodes      []node
	Policies   []json.RawMessage
	Questions  []question
}

type pod struct {
	Namespace   string
	Labels      map[string]string
	HostNetwork bool
	// Addresses of the pod's node; of its own, too, where it is on the host's network.
	NodeAddresses []string
	Ports         []containerPort
}

type node struct {
	Labels    map[string]string
	Addresses []string
}

type containerPort struct {
	Name     string
	Port     uint16
	Protocol string
}

// question is about two pods by their keys, or addresses that no pod has.
type question struct {
	From, To, Protocol string
	Port               uint16
}

// answer is one line of the output.
type answer struct {
	// Why the engine takes no policy of this cluster, or not this question.
	Error    string    `json:"error,omitempty"`
	Verdicts []verdict `json:"verdicts,omitempty"`
}

type verdict struct {
	Egress  bool `json:"egress"`
	Ingress bool `json:"ingress"`
}

func main() {
	// what an agent has in Kubernetes, where these options are set by default or by the chart's values
	option.Config.EnableIPv4, option.Config.EnableIPv6 = true, true
	option.Config.EnableNodeSelectorLabels = true
	option.Config.UnsafeDaemonConfigOption.AllowLocalhost = option.AllowLocalhostAlways

	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var asked cluster
		err := in.Decode(&asked)
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			err = out.Encode(judge(asked))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func judge(asked cluster) answer {
	made, err := newWorld(asked)
	if err != nil {
		return answer{Error: err.Error()}
	}
	var verdicts []verdict
	for _, one := range asked.Questions {
		given, err := made.verdict(one)
		if err != nil {
			return answer{Error: err.Error()}
		}
		verdicts = append(verdicts, given)
	}
	return answer{Verdicts: verdicts}
}
