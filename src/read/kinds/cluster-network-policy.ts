/**
 * ClusterNetworkPolicy of policy.networking.k8s.io/v1alpha2, closed: every field that is not known
 * here is named. A rule with such a peer or port is unclear by itself and fails closed; anything else
 * makes the whole policy unclear.
 * Source: kubernetes-sigs/network-policy-api:apis/v1alpha2/clusternetworkpolicy_types.go
 */
import { isCidr } from '../../values/cidr';
import type { ClusterNetworkPolicyFacts, ClusterPeer, ClusterPods, ClusterRule } from '../cluster';
import { EVERYTHING } from '../../values/selector';
import { field, isObject, listAt, numberAt, objectAt, textAt, textsAt } from '../json';
import { describePath } from '../locate';
import type { FieldPath, Json, JsonObject, Resource, Unclear } from '../resource';
import { clusterPorts } from './cluster-ports';
import { selectorOf } from './selector';
import { selectorProblems } from './selector-problems';

const SPEC = ['tier', 'priority', 'subject', 'ingress', 'egress'];
const RULE = ['name', 'action', 'protocols'];
const ACTIONS = ['Accept', 'Deny', 'Pass'] as const;
const PEERS = {
  ingress: ['namespaces', 'pods'],
  egress: ['namespaces', 'pods', 'nodes', 'networks', 'domainNames'],
};
const LIMIT = 25;
const NAME_LIMIT = 100;

export function clusterNetworkPolicy(resource: Resource): ClusterNetworkPolicyFacts {
  const spec = objectAt(resource.object, 'spec');
  const unclear = [...resource.unclear, ...unknownKeys(spec, ['spec'], SPEC)];
  const tier = textAt(spec, 'tier');
  const priority = numberAt(spec, 'priority');
  const say = (path: FieldPath, why: string): void => {
    unclear.push({ path, why: `${describePath(path)}: ${why}` });
  };
  if (tier !== 'Admin' && tier !== 'Baseline') say(['spec', 'tier'], 'expected Admin or Baseline');
  if (priority === undefined || !Number.isInteger(priority) || priority < 0 || priority > 1000) {
    say(['spec', 'priority'], 'expected an integer from 0 to 1000');
  }
  const subject = podsOf(objectAt(spec, 'subject'), ['spec', 'subject'], unclear);
  if (subject === undefined) say(['spec', 'subject'], 'expected namespaces or pods, one of them');
  const rulesOf = (direction: 'ingress' | 'egress'): ClusterRule[] => {
    const rules = listAt(spec, direction);
    if (!Array.isArray(field(spec, direction) ?? [])) say(['spec', direction], 'expected a list');
    if (rules.length > LIMIT) say(['spec', direction], `expected at most ${LIMIT} rules`);
    return rules.map((rule, index) => ruleOf(rule, direction, ['spec', direction, index]));
  };
  return {
    name: resource.name,
    tier: tier === 'Baseline' ? 'Baseline' : 'Admin',
    priority: priority ?? 0,
    subject: subject ?? { namespaces: EVERYTHING, pods: EVERYTHING },
    ingress: rulesOf('ingress'),
    egress: rulesOf('egress'),
    unclear,
    resource,
  };
}

function ruleOf(item: Json, direction: 'ingress' | 'egress', path: FieldPath): ClusterRule {
  const rule = isObject(item) ? item : {};
  const peersKey = direction === 'ingress' ? 'from' : 'to';
  const unclear = unknownKeys(rule, path, [...RULE, peersKey]);
  const action = ACTIONS.find((known) => known === textAt(rule, 'action'));
  const say = (at: FieldPath, why: string): void => {
    unclear.push({ path: at, why: `${describePath(at)}: ${why}` });
  };
  if (action === undefined) say([...path, 'action'], 'expected Accept, Deny or Pass');
  const given = listAt(rule, peersKey);
  if (given.length === 0 || given.length > LIMIT) {
    say([...path, peersKey], `expected 1 to ${LIMIT} peers`);
  }
  const peers = given.flatMap((peer, index) => {
    const at = [...path, peersKey, index];
    const known = peerOf(peer, { direction, action }, at, unclear);
    return known === undefined ? [] : [known];
  });
  const name = textAt(rule, 'name');
  const label = field(rule, 'name') ?? '';
  if (typeof label !== 'string' || Array.from(label).length > NAME_LIMIT) {
    say([...path, 'name'], `expected at most ${NAME_LIMIT} characters`);
  }
  const ports = clusterPorts(rule, path, unclear);
  return {
    ...(name !== undefined && { name }),
    // whatever was meant, nothing of it counts as allowed
    action: action ?? 'Deny',
    peers,
    ...(ports && { ports }),
    unclear,
    path,
  };
}

interface RuleKind {
  readonly direction: 'ingress' | 'egress';
  readonly action: ClusterRule['action'] | undefined;
}

/** A peer of exactly one known kind; anything else is unclear. */
function peerOf(
  item: Json,
  { direction, action }: RuleKind,
  path: FieldPath,
  unclear: Unclear[],
): ClusterPeer | undefined {
  const peer = isObject(item) ? item : {};
  // a known kind that is null is absent
  const keys = Object.keys(peer).filter(
    (key) => field(peer, key) !== undefined || !PEERS[direction].includes(key),
  );
  const [key] = keys;
  const at = [...path, key ?? ''];
  if (keys.length === 1 && (key === 'namespaces' || key === 'pods')) {
    const pods = podsOf(peer, path, unclear);
    return pods && { kind: 'pods', pods };
  }
  if (keys.length === 1 && direction === 'egress') {
    if (key === 'networks') return networksOf(peer, at, unclear);
    if (key === 'nodes') {
      const nodes = selectorAt(peer, 'nodes', at, unclear);
      return { kind: 'nodes', nodes: selectorOf(nodes) };
    }
    // CNP-14: names only in Accept rules
    if (key === 'domainNames' && action === 'Accept') {
      return { kind: 'names', names: textsAt(peer, 'domainNames') };
    }
  }
  const why = keys.length === 1 ? `unknown peer ${key ?? ''}` : 'expected exactly one kind of peer';
  unclear.push({ path, why: `${describePath(path)}: ${why}` });
  return undefined;
}

function networksOf(peer: JsonObject, path: FieldPath, unclear: Unclear[]): ClusterPeer {
  const given = listAt(peer, 'networks');
  const cidrs = textsAt(peer, 'networks').filter(isCidr);
  const isSet = new Set(cidrs).size === given.length;
  if (!isSet || given.length === 0 || given.length > LIMIT) {
    const why = `${describePath(path)}: expected 1 to ${LIMIT} CIDRs, each once`;
    unclear.push({ path, why });
  }
  return { kind: 'networks', cidrs };
}

/** `namespaces: selector` or `pods: {podSelector, namespaceSelector}`, of a subject or a peer. */
function podsOf(object: JsonObject, path: FieldPath, unclear: Unclear[]): ClusterPods | undefined {
  const keys = Object.keys(object).filter(
    (key) => field(object, key) !== undefined || !PEERS.ingress.includes(key),
  );
  const [key] = keys;
  if (keys.length !== 1 || (key !== 'namespaces' && key !== 'pods')) return undefined;
  const at = [...path, key];
  if (key === 'namespaces') {
    const namespaces = selectorAt(object, key, at, unclear);
    return { namespaces: selectorOf(namespaces), pods: EVERYTHING };
  }
  const value = objectWithin(object, key, at, unclear);
  unclear.push(...unknownKeys(value, at, ['podSelector', 'namespaceSelector']));
  const pods = selectorAt(value, 'podSelector', [...at, 'podSelector'], unclear);
  const namespaces = selectorAt(value, 'namespaceSelector', [...at, 'namespaceSelector'], unclear);
  if (field(value, 'podSelector') === undefined) {
    unclear.push({ path: at, why: `${describePath(at)}: expected a podSelector` });
  }
  return { namespaces: selectorOf(namespaces), pods: selectorOf(pods) };
}

/** A selector, empty where there is none; what stands there instead selects nobody knows whom. */
function selectorAt(
  object: JsonObject,
  key: string,
  path: FieldPath,
  unclear: Unclear[],
): JsonObject {
  const selector = objectWithin(object, key, path, unclear);
  unclear.push(...selectorProblems(selector, path));
  return selector;
}

function objectWithin(
  object: JsonObject,
  key: string,
  path: FieldPath,
  unclear: Unclear[],
): JsonObject {
  if (!isObject(field(object, key) ?? {})) {
    unclear.push({ path, why: `${describePath(path)}: expected an object` });
  }
  return objectAt(object, key);
}

/** Fields that the type does not have. */
export function unknownKeys(
  object: JsonObject,
  path: FieldPath,
  known: readonly string[],
): Unclear[] {
  return Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: [...path, key], why: `unknown field ${describePath([...path, key])}` }));
}
