package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"slices"

	"github.com/cilium/cilium/pkg/identity"
	"github.com/cilium/cilium/pkg/identity/identitymanager"
	"github.com/cilium/cilium/pkg/k8s"
	k8sConst "github.com/cilium/cilium/pkg/k8s/apis/cilium.io"
	networking "github.com/cilium/cilium/pkg/k8s/slim/k8s/api/networking/v1"
	"github.com/cilium/cilium/pkg/labels"
	"github.com/cilium/cilium/pkg/policy"
	"github.com/cilium/cilium/pkg/policy/types"
	testidentity "github.com/cilium/cilium/pkg/testutils/identity"
	testpolicy "github.com/cilium/cilium/pkg/testutils/policy"
	pkgtypes "github.com/cilium/cilium/pkg/types"
	"github.com/cilium/cilium/pkg/u8proto"
	cluster1alpha2 "sigs.k8s.io/network-policy-api/apis/v1alpha2"
)

const clusterName = "default"

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// world is a cluster as Cilium's agents see it: identities, names of ports, and parsed policies.
type world struct {
	asked      cluster
	identities map[string]*identity.Identity
	repository *policy.Repository
	manager    identitymanager.IDManager
}

func newWorld(asked cluster) (*world, error) {
	made := &world{asked: asked, identities: map[string]*identity.Identity{}}
	known, names := identity.IdentityMap{}, pkgtypes.NewNamedPortMultiMap()
	add := func(key string, id identity.NumericIdentity, own labels.LabelArray) {
		made.identities[key] = identity.NewIdentityFromLabelArray(id, own.Sort())
		known[id] = made.identities[key].LabelArray
	}

	pods := identity.NumericIdentity(identity.MinimalNumericIdentity)
	nodes := identity.IdentityScopeRemoteNode + 1
	outside := identity.IdentityScopeLocal + 1
	for key, own := range asked.Pods {
		if own.HostNetwork {
			// traffic of its own is its node's
			add(key, nodes, made.nodeLabels(own.NodeAddresses, labels.IDNameRemoteNode))
			nodes++
			continue
		}
		add(key, pods, made.podLabels(own))
		names.Update(pods, nil, namedPorts(own))
		pods++
	}
	for _, one := range asked.Questions {
		for _, end := range []string{one.From, one.To} {
			address, err := netip.ParseAddr(end)
			if err != nil || made.identities[end] != nil {
				continue
			}
			if made.isNode(end) {
				add(end, nodes, made.nodeLabels([]string{end}, labels.IDNameRemoteNode))
				nodes++
				continue
			}
			add(end, outside, labels.GetCIDRLabelArray(netip.PrefixFrom(address, address.BitLen())))
			outside++
		}
	}
	add(hostKey, identity.ReservedIdentityHost, labels.LabelHost.LabelArray())

	made.manager = identitymanager.NewIDManager(quiet)
	made.repository = policy.NewPolicyRepository(
		quiet, known, nil, nil, made.manager, testpolicy.NewPolicyMetricsNoop())
	made.repository.SetNamedPortsGetter(namesOf{names})
	made.repository.GetSelectorCache().SetLocalIdentityNotifier(testidentity.NewDummyIdentityNotifier())
	made.manager.Subscribe(
		testpolicy.SelectorCacheObserver{Cache: made.repository.GetSubjectSelectorCache()})
	for _, text := range asked.Policies {
		entries, err := parsed(text)
		if err != nil {
			return nil, err
		}
		made.repository.MustAddPolicyEntries(entries)
	}
	return made, nil
}

// hostKey is the identity of a pod's own node, as that node's agent sees it.
const hostKey = "own node"

func (w *world) verdict(asked question) (verdict, error) {
	protocol, err := u8proto.ParseProtocol(asked.Protocol)
	if err != nil {
		return verdict{}, err
	}
	from, to := w.identities[asked.From], w.identities[asked.To]
	if from == nil || to == nil {
		return verdict{}, fmt.Errorf("neither a pod nor an address: %s, %s", asked.From, asked.To)
	}
	flow := types.Flow{From: from, To: to, Proto: protocol, Dport: asked.Port,
		NamedPortsTCP: map[string]uint16{}, NamedPortsUDP: map[string]uint16{}}
	for _, one := range w.asked.Pods[asked.To].Ports {
		switch one.Protocol {
		case "TCP":
			flow.NamedPortsTCP[one.Name] = one.Port
		case "UDP":
			flow.NamedPortsUDP[one.Name] = one.Port
		}
	}
	given, _, _, err := policy.LookupFlow(quiet, w.repository, w.manager, flow)
	if err != nil {
		return verdict{}, err
	}
	answer := verdict{
		Egress:  given.Egress == types.DecisionAllowed,
		Ingress: given.Ingress == types.DecisionAllowed,
	}
	if w.isOwnNode(asked.From, asked.To) {
		flow.From = w.identities[hostKey]
		given, _, _, err = policy.LookupFlow(quiet, w.repository, w.manager, flow)
		answer.Ingress = given.Ingress == types.DecisionAllowed
	}
	return answer, err
}

func (w *world) isOwnNode(from, to string) bool {
	own, isPod := w.asked.Pods[to]
	addresses := []string{from}
	if source, found := w.asked.Pods[from]; found {
		if !source.HostNetwork {
			return false
		}
		addresses = source.NodeAddresses
	}
	return isPod && !own.HostNetwork && slices.ContainsFunc(addresses, func(one string) bool {
		return slices.Contains(own.NodeAddresses, one)
	})
}

func (w *world) nodeOf(address string) *node {
	for index, one := range w.asked.Nodes {
		if slices.Contains(one.Addresses, address) {
			return &w.asked.Nodes[index]
		}
	}
	return nil
}

func (w *world) isNode(address string) bool {
	for _, one := range w.asked.Pods {
		if slices.Contains(one.NodeAddresses, address) {
			return true
		}
	}
	return w.nodeOf(address) != nil
}

func (w *world) nodeLabels(addresses []string, reserved string) labels.LabelArray {
	found := labels.LabelArray{
		labels.NewLabel(reserved, "", labels.LabelSourceReserved),
		labels.NewLabel(k8sConst.PolicyLabelCluster, clusterName, labels.LabelSourceK8s),
	}
	for _, address := range addresses {
		if own := w.nodeOf(address); own != nil {
			return append(found, labelsFrom(own.Labels, "", labels.LabelSourceNode)...)
		}
	}
	return found
}

func (w *world) podLabels(own pod) labels.LabelArray {
	found := labels.LabelArray{
		labels.NewLabel(k8sConst.PodNamespaceLabel, own.Namespace, labels.LabelSourceK8s),
		labels.NewLabel(k8sConst.PolicyLabelCluster, clusterName, labels.LabelSourceK8s),
		labels.NewLabel(k8sConst.PolicyLabelServiceAccount, "default", labels.LabelSourceK8s),
	}
	prefix := k8sConst.PodNamespaceMetaLabels + "."
	found = append(found, labelsFrom(w.asked.Namespaces[own.Namespace], prefix, labels.LabelSourceK8s)...)
	return append(found, labelsFrom(own.Labels, "", labels.LabelSourceK8s)...)
}

func labelsFrom(own map[string]string, prefix, source string) (found labels.LabelArray) {
	for key, value := range own {
		found = append(found, labels.NewLabel(prefix+key, value, source))
	}
	return found
}

func namedPorts(own pod) pkgtypes.NamedPortMap {
	found := pkgtypes.NamedPortMap{}
	for _, one := range own.Ports {
		if protocol, err := u8proto.ParseProtocol(one.Protocol); err == nil && one.Name != "" {
			found[one.Name] = pkgtypes.PortProto{Port: one.Port, Proto: protocol}
		}
	}
	return found
}

func parsed(text json.RawMessage) (types.PolicyEntries, error) {
	var object struct{ Kind string }
	if err := json.Unmarshal(text, &object); err != nil {
		return nil, err
	}
	switch object.Kind {
	case "NetworkPolicy":
		own := &networking.NetworkPolicy{}
		if err := json.Unmarshal(text, own); err != nil {
			return nil, err
		}
		return k8s.ParseNetworkPolicy(quiet, clusterName, own)
	case "ClusterNetworkPolicy":
		own := &cluster1alpha2.ClusterNetworkPolicy{}
		if err := json.Unmarshal(text, own); err != nil {
			return nil, err
		}
		return k8s.ParseClusterNetworkPolicy(quiet, clusterName, own)
	}
	return nil, fmt.Errorf("no policy: %s", object.Kind)
}

type namesOf struct{ names pkgtypes.NamedPortMultiMap }

func (n namesOf) GetNamedPorts() pkgtypes.NamedPortMultiMap { return n.names }
