/**
 * The NetworkPolicy dialect: what was declared about some pods and one direction, as an object.
 *
 * One rule per distinct set of peers and ports. policyTypes is always written, a rule never has an
 * empty list (empty means "everything"), numbers stay numbers and all lists are sorted, so that
 * equal declarations give equal bytes in whatever order they were made.
 * Source: kubernetes/api:networking/v1/types.go
 */
import type { Direction, FlowData, ReasonData } from '../traffic/data';
import type { NamespaceScope } from '../values/peer';
import type { PortData } from '../values/port';
import { normalizePorts, describePort } from '../values/port';
import type { SelectorData } from '../values/selector';
import { EVERYTHING, isEverything } from '../values/selector';
import type { RenderContext } from './context';
import type { Grant, PolicyPeer } from './grant';
import { grantsOf } from './grants';
import { limitWaivers } from './limits';
import type { Subject } from './subjects';

/** Set by the API server on every namespace and editable by nobody. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

export const NETWORK_POLICY = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
} as const;

export interface LabelSelectorSpec {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly object[];
}

export interface NetworkPolicyPeerSpec {
  readonly namespaceSelector?: LabelSelectorSpec;
  readonly podSelector?: LabelSelectorSpec;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

export interface NetworkPolicyPortSpec {
  readonly protocol: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

export interface NetworkPolicyRuleSpec {
  readonly from?: readonly NetworkPolicyPeerSpec[];
  readonly to?: readonly NetworkPolicyPeerSpec[];
  readonly ports?: readonly NetworkPolicyPortSpec[];
}

export interface NetworkPolicySpec {
  readonly podSelector: LabelSelectorSpec;
  readonly policyTypes: readonly ('Ingress' | 'Egress')[];
  readonly ingress?: readonly NetworkPolicyRuleSpec[];
  readonly egress?: readonly NetworkPolicyRuleSpec[];
}

/** What is written for a subject: the spec, and the reasons that travel with it. */
export interface RenderedPolicy {
  readonly subject: Subject;
  readonly spec: NetworkPolicySpec;
  /** One line per flow: peer, ports, reason. */
  readonly flows: readonly string[];
  readonly waivers: readonly string[];
}

/** A policy that isolates pods and allows nothing. */
export function renderDefaultDeny(
  pods: SelectorData,
  directions: readonly Direction[],
): NetworkPolicySpec {
  return {
    podSelector: selectorSpec(pods),
    policyTypes: directions.map((direction) => (direction === 'ingress' ? 'Ingress' : 'Egress')),
  };
}

/** The policy that allows the flows of a subject. */
export function renderPolicy(
  context: RenderContext,
  subject: Subject,
  flows: readonly FlowData[],
): RenderedPolicy {
  const { direction, namespace, pods } = subject;
  const granted = flows.map((flow) => ({
    flow,
    ...grantsOf(context, flow, { direction, namespace }),
  }));
  const rules = rulesOf(
    granted.flatMap(({ grants }) => grants),
    namespace,
    direction,
  );
  const spec = renderDefaultDeny(pods, [direction]);
  return {
    subject,
    spec: direction === 'ingress' ? { ...spec, ingress: rules } : { ...spec, egress: rules },
    flows: sortedLines(granted.flatMap(({ flow, grants }) => describe(flow, grants, direction))),
    waivers: sortedLines(
      granted.flatMap(({ flow, waivers }) =>
        [...waivers, ...limitWaivers(context, flow)].map((waiver) =>
          withReasons(waiver, flow.reasons),
        ),
      ),
    ),
  };
}

function rulesOf(
  grants: readonly Grant[],
  namespace: string,
  direction: Direction,
): NetworkPolicyRuleSpec[] {
  const portsByPeer = new Map<string, { peer: PolicyPeer; ports: PortData[] }>();
  for (const { peers, ports } of grants) {
    for (const peer of peers) {
      const key = JSON.stringify(peer);
      const known = portsByPeer.get(key) ?? { peer, ports: [] };
      known.ports.push(...ports);
      portsByPeer.set(key, known);
    }
  }
  const peersByPorts = new Map<string, { peers: PolicyPeer[]; ports: NetworkPolicyPortSpec[] }>();
  for (const { peer, ports } of portsByPeer.values()) {
    const specs = portSpecs(ports);
    const key = JSON.stringify([peer.kind === 'everyone', specs]);
    const known = peersByPorts.get(key) ?? { peers: [], ports: specs };
    known.peers.push(peer);
    peersByPorts.set(key, known);
  }
  return sorted(
    [...peersByPorts.values()].map(({ peers, ports }) =>
      ruleSpec(sorted(peers.flatMap((peer) => peerSpec(peer, namespace))), ports, direction),
    ),
  );
}

/** No `ports` means all of them; no `from` or `to` means everybody: neither is ever written empty. */
function ruleSpec(
  peers: readonly NetworkPolicyPeerSpec[],
  ports: readonly NetworkPolicyPortSpec[],
  direction: Direction,
): NetworkPolicyRuleSpec {
  const named = direction === 'ingress' ? { from: peers } : { to: peers };
  return { ...(peers.length === 0 ? {} : named), ...(ports.length === 0 ? {} : { ports }) };
}

function peerSpec(peer: PolicyPeer, namespace: string): NetworkPolicyPeerSpec[] {
  switch (peer.kind) {
    case 'everyone':
      return [];
    case 'block':
      return [
        { ipBlock: { cidr: peer.cidr, ...(peer.except.length > 0 && { except: peer.except }) } },
      ];
    case 'pods':
      return [podsSpec(peer.namespaces, peer.pods, namespace)];
  }
}

/** A podSelector alone means the policy's own namespace; a namespaceSelector alone, all its pods. */
function podsSpec(
  namespaces: NamespaceScope,
  pods: SelectorData,
  namespace: string,
): NetworkPolicyPeerSpec {
  const own = namespaces.kind === 'names' && namespaces.names.every((name) => name === namespace);
  if (own) return { podSelector: selectorSpec(pods) };
  const namespaceSelector = selectorSpec(namespaceSelectorOf(namespaces));
  return isEverything(pods)
    ? { namespaceSelector }
    : { namespaceSelector, podSelector: selectorSpec(pods) };
}

function namespaceSelectorOf(namespaces: NamespaceScope): SelectorData {
  switch (namespaces.kind) {
    case 'all':
      return EVERYTHING;
    case 'labels':
      return namespaces.selector;
    case 'names': {
      const [first = '', ...others] = namespaces.names;
      if (others.length === 0)
        return { matchLabels: { [NAMESPACE_NAME]: first }, matchExpressions: [] };
      const values = [...namespaces.names].sort();
      return {
        matchLabels: {},
        matchExpressions: [{ key: NAMESPACE_NAME, operator: 'In', values }],
      };
    }
  }
}

function selectorSpec({ matchLabels, matchExpressions }: SelectorData): LabelSelectorSpec {
  const expressions = matchExpressions.map(({ key, operator, values }) =>
    values.length === 0 ? { key, operator } : { key, operator, values },
  );
  return {
    ...(Object.keys(matchLabels).length > 0 && { matchLabels }),
    ...(expressions.length > 0 && { matchExpressions: expressions }),
  };
}

/** Every port of every protocol is written as no ports at all. */
function portSpecs(ports: readonly PortData[]): NetworkPolicyPortSpec[] {
  return normalizePorts(ports).flatMap(({ protocol, port, endPort, name }) => {
    if (protocol === undefined) return [];
    const target = port ?? name;
    return [
      {
        protocol,
        ...(target !== undefined && { port: target }),
        ...(endPort !== undefined && endPort !== port && { endPort }),
      },
    ];
  });
}

function describe(flow: FlowData, grants: readonly Grant[], direction: Direction): string[] {
  if (grants.length === 0) return [];
  const peer = direction === 'ingress' ? `from ${flow.fromName}` : `to ${flow.toName}`;
  const ports = normalizePorts(grants.flatMap((grant) => grant.ports)).map(describePort);
  return [withReasons(`${peer}: ${ports.join(', ')}`, flow.reasons)];
}

/** `text: reason (owner, ticket, expires …)`, the reasons sorted and distinct. */
function withReasons(text: string, reasons: readonly ReasonData[]): string {
  const told = new Set(reasons.map(describeReason).filter((reason) => reason !== ''));
  return told.size === 0 ? text : `${text}: ${[...told].sort().join('; ')}`;
}

/** A reason with who says so and until when. */
export function describeReason({ reason, owner, ticket, expires }: ReasonData): string {
  const details = [
    ...(owner === undefined ? [] : [`owner ${owner}`]),
    ...(ticket === undefined ? [] : [`ticket ${ticket}`]),
    ...(expires === undefined ? [] : [`expires ${expires}`]),
  ];
  const suffix = details.length === 0 ? '' : `(${details.join(', ')})`;
  return [reason ?? '', suffix].filter((part) => part !== '').join(' ');
}

function sortedLines(lines: readonly string[]): string[] {
  return [...new Set(lines)].sort();
}

function sorted<T>(items: readonly T[]): T[] {
  const keyed = items.map((item) => ({ item, key: JSON.stringify(item) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ item }) => item);
}
