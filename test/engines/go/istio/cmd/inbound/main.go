// inbound prints the inbound listener that istiod generates for a sidecar: one line of JSON in, one
// line of JSON out, a world each. Everything in it is istiod's own: filters, filter chains, mTLS,
// normalization of paths.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	"google.golang.org/protobuf/encoding/protojson"
	meshconfig "istio.io/api/mesh/v1alpha1"

	"istio.io/istio/pilot/pkg/config/kube/crd"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/networking/core"
	"istio.io/istio/pilot/pkg/security/authn"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/constants"
	"istio.io/istio/pkg/config/host"
	"istio.io/istio/pkg/config/labels"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/protocol"
	"istio.io/istio/pkg/log"
	"istio.io/istio/pkg/test"
)

type port struct {
	Number uint32 `json:"number"`
	HTTP   bool   `json:"http"`
}

type workload struct {
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
	Address   string            `json:"address"`
	Ports     []port            `json:"ports"`
}

type world struct {
	Manifests []json.RawMessage `json:"manifests"`
	Workloads []workload        `json:"workloads"`
	// CUSTOM policies may name them.
	Authorizers []string `json:"authorizers"`
}

type inbound struct {
	Listener json.RawMessage `json:"listener"`
	// By port: what callers are told to bring.
	Mtls map[uint32]string `json:"mtls"`
}

type answer struct {
	Error string `json:"error,omitempty"`
	// By place among the manifests, why Istio's validation refuses it: it was left out.
	Refused  map[int]string `json:"refused"`
	Inbounds []inbound      `json:"inbounds"`
}

func main() {
	quiet()
	lines := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) == 0 {
			return
		}
		var asked world
		must(json.Unmarshal(line, &asked))
		must(out.Encode(answerTo(asked)))
		if err != nil {
			return
		}
	}
}

func answerTo(asked world) answer {
	configs, refused := parsed(asked.Manifests)
	found := answer{Refused: refused, Inbounds: []inbound{}}
	err := test.Wrap(func(t test.Failer) {
		services, instances := registered(asked.Workloads)
		meshConfig := mesh.DefaultMeshConfig()
		for _, name := range asked.Authorizers {
			authorizer := &model.Service{
				Hostname:   host.Name(name + ".authorizers.svc.cluster.local"),
				Attributes: model.ServiceAttributes{Name: name, Namespace: "authorizers"},
				Ports:      model.PortList{{Name: "grpc", Port: 80, Protocol: protocol.GRPC}},
			}
			services = append(services, authorizer)
			provider := providerOf(name, authorizer)
			meshConfig.ExtensionProviders = append(meshConfig.ExtensionProviders, provider)
		}
		istiod := core.NewConfigGenTest(t, core.TestOptions{
			Configs:    configs,
			Services:   services,
			Instances:  instances,
			MeshConfig: meshConfig,
		})
		for _, one := range asked.Workloads {
			found.Inbounds = append(found.Inbounds, inboundOf(istiod, one))
		}
	})
	if err != nil {
		return answer{Error: err.Error(), Refused: refused}
	}
	return found
}

// As the webhook would have it: what is refused never exists.
func parsed(manifests []json.RawMessage) (found []config.Config, refused map[int]string) {
	refused = map[int]string{}
	for index, text := range manifests {
		configs, _, err := crd.ParseInputs(string(text))
		if err != nil {
			refused[index] = err.Error()
		} else {
			found = append(found, configs...)
		}
	}
	return found, refused
}

func inboundOf(istiod *core.ConfigGenTest, one workload) inbound {
	proxy := istiod.SetupProxy(&model.Proxy{
		ID:              one.Address,
		ConfigNamespace: one.Namespace,
		Labels:          one.Labels,
		IPAddresses:     []string{one.Address},
		Metadata:        &model.NodeMetadata{Namespace: one.Namespace, Labels: one.Labels},
	})
	push := istiod.PushContext()
	modes := authn.NewMtlsPolicy(push, push.AuthnPolicies, one.Namespace, one.Labels, false)
	mtls := map[uint32]string{}
	for _, port := range one.Ports {
		mtls[port.Number] = modes.GetMutualTLSModeForPort(port.Number).String()
	}
	return inbound{Listener: printed(virtualInbound(istiod.Listeners(proxy))), Mtls: mtls}
}

func virtualInbound(listeners []*listenerv3.Listener) *listenerv3.Listener {
	for _, one := range listeners {
		if one.Name == model.VirtualInboundListenerName {
			return one
		}
	}
	panic("istiod made no inbound listener")
}

// A service with one endpoint for each workload.
func registered(workloads []workload) (services []*model.Service, instances []*model.ServiceInstance) {
	for index, one := range workloads {
		name := fmt.Sprintf("workload-%d", index)
		service := &model.Service{
			Hostname:       host.Name(name + "." + one.Namespace + ".svc.cluster.local"),
			DefaultAddress: constants.UnspecifiedIP,
			Attributes:     model.ServiceAttributes{Name: name, Namespace: one.Namespace},
		}
		services = append(services, service)
		for _, port := range one.Ports {
			kind := protocol.TCP
			if port.HTTP {
				kind = protocol.HTTP
			}
			served := &model.Port{Name: fmt.Sprintf("port-%d", port.Number), Port: int(port.Number), Protocol: kind}
			service.Ports = append(service.Ports, served)
			instances = append(instances, &model.ServiceInstance{
				Service:     service,
				ServicePort: served,
				Endpoint: &model.IstioEndpoint{
					Addresses:       []string{one.Address},
					EndpointPort:    port.Number,
					ServicePortName: served.Name,
					Namespace:       one.Namespace,
					Labels:          labels.Instance(one.Labels),
				},
			})
		}
	}
	return services, instances
}

func providerOf(name string, at *model.Service) *meshconfig.MeshConfig_ExtensionProvider {
	// gRPC: Istio does not ask an HTTP authorizer about bytes
	grpc := &meshconfig.MeshConfig_ExtensionProvider_EnvoyExternalAuthorizationGrpcProvider{
		Service: at.Attributes.Namespace + "/" + string(at.Hostname),
		Port:    80,
	}
	return &meshconfig.MeshConfig_ExtensionProvider{
		Name:     name,
		Provider: &meshconfig.MeshConfig_ExtensionProvider_EnvoyExtAuthzGrpc{EnvoyExtAuthzGrpc: grpc},
	}
}

func printed(one *listenerv3.Listener) json.RawMessage {
	text, err := protojson.Marshal(one)
	must(err)
	return text
}

// Standard output is for answers alone.
func quiet() {
	options := log.DefaultOptions()
	options.OutputPaths = []string{"stderr"}
	options.SetDefaultOutputLevel("all", log.ErrorLevel)
	must(log.Configure(options))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "inbound:", err)
		os.Exit(1)
	}
}
