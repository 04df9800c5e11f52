// webhook runs what istiod's validating webhook runs: one object a line in, its verdict a line out.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pkg/config/schema/resource"
	"istio.io/istio/pkg/config/schema/collections"
)

// answer is one line of the output.
type answer struct {
	// Why istiod refuses the object; absent: it does not.
	Error   string `json:"error,omitempty"`
	Warning string `json:"warning,omitempty"`
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var object json.RawMessage
		err := in.Decode(&object)
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			err = out.Encode(judge(object))
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// judge takes the steps of istio/istio:pkg/webhooks/validation/server/server.go (Webhook.validate),
// which is not exported.
func judge(object json.RawMessage) (given answer) {
	var obj crd.IstioKind
	if err := json.Unmarshal(object, &obj); err != nil {
		return answer{Error: fmt.Sprintf("cannot decode configuration: %v", err)}
	}
	kind := obj.GroupVersionKind()
	known, found := collections.Istio.FindByGroupKind(resource.FromKubernetesGVK(&kind))
	if !found {
		return answer{Error: fmt.Sprintf("unrecognized type %v", kind)}
	}
	config, err := crd.ConvertObject(known, &obj, "cluster.local")
	if err != nil {
		return answer{Error: fmt.Sprintf("error decoding configuration: %v", err)}
	}
	warning, err := known.ValidateConfig(*config)
	if warning != nil {
		given.Warning = warning.Error()
	}
	if err != nil {
		return answer{Error: fmt.Sprintf("configuration is invalid: %v", err)}
	}
	if err := checkFields(object); err != nil {
		return answer{Error: err.Error()}
	}
	return given
}

func checkFields(object json.RawMessage) error {
	trial := make(map[string]json.RawMessage)
	if err := json.NewDecoder(bytes.NewReader(object)).Decode(&trial); err != nil {
		return fmt.Errorf("cannot decode configuration fields: %v", err)
	}
	for key := range trial {
		switch key {
		case "apiVersion", "kind", "metadata", "spec", "status":
		default:
			return fmt.Errorf("unknown field %q", key)
		}
	}
	return nil
}
