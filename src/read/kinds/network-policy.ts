/**
 * NetworkPolicy of networking.k8s.io/v1: defaults as the API server sets them, so that the engine
 * sees what a cluster would hold.
 *
 * A policy that the API server refuses is unclear. It is then taken to isolate whatever it may have
 * meant to isolate, never less: what it allows is not known.
 * Source: kubernetes/kubernetes:pkg/apis/networking/v1/defaults.go
 */
import { Protocol } from '../../values/port';
import { networkPolicyProblems } from '../../values/network-policy-validity';
import { EVERYTHING } from '../../values/selector';
import type { NetworkPolicyFacts, PolicyPeer, PolicyPort, PolicyRule } from '../cluster';
import { field, isObject, listAt, numberAt, objectAt, objectsAt, textAt, textsAt } from '../json';
import { fieldPath } from '../locate';
import type { FieldPath, Json, JsonObject, Resource, Unclear } from '../resource';
import { protocolAt } from './protocol';
import { selectorAt } from './selector';

const NOTHING: JsonObject = {};

export function networkPolicy(resource: Resource): NetworkPolicyFacts {
  const spec = objectAt(resource.object, 'spec');
  const unclear = [...resource.unclear, ...problemsOf(resource.object)];
  const { ingress, egress } = directions(spec, unclear);
  return {
    namespace: resource.namespace ?? 'default',
    name: resource.name,
    pods: concerns(unclear, 'podSelector')
      ? EVERYTHING
      : (selectorAt(spec, 'podSelector') ?? EVERYTHING),
    ...(ingress && { ingress: rules(spec, 'ingress', 'from') }),
    ...(egress && { egress: rules(spec, 'egress', 'to') }),
    unclear,
    resource,
  };
}

function problemsOf(object: JsonObject): Unclear[] {
  return networkPolicyProblems(object).map(({ field: at, got, expected }) => ({
    path: fieldPath(at),
    why: `${at}: got ${shorten(got)}, expected ${expected}`,
  }));
}

function shorten(got: unknown): string {
  const text = got === undefined ? 'nothing' : (JSON.stringify(got) as string | undefined);
  return (text ?? typeof got).slice(0, 80);
}

/** Whether a problem touches the field of spec, or the whole of it. */
function concerns(unclear: readonly Unclear[], name: string): boolean {
  return unclear.some(({ path }) => path[0] === 'spec' && (path.length < 2 || path[1] === name));
}

function directions(
  spec: JsonObject,
  unclear: readonly Unclear[],
): { ingress: boolean; egress: boolean } {
  const types = listAt(spec, 'policyTypes');
  const isDoubtful = types.length === 0 || concerns(unclear, 'policyTypes');
  if (isDoubtful && unclear.some(({ path }) => path[0] === 'spec')) {
    return { ingress: true, egress: true };
  }
  // empty policyTypes means Ingress, and Egress where there are egress rules: defaults.go
  if (types.length === 0) return { ingress: true, egress: listAt(spec, 'egress').length > 0 };
  return { ingress: types.includes('Ingress'), egress: types.includes('Egress') };
}

function rules(
  spec: JsonObject,
  direction: 'ingress' | 'egress',
  peersKey: 'from' | 'to',
): PolicyRule[] {
  return listAt(spec, direction).map((item, index) => {
    // null is an empty rule, which admits everything
    const rule = isObject(item) ? item : NOTHING;
    const [peers, ports] = [listAt(rule, peersKey), listAt(rule, 'ports')];
    const path: FieldPath = ['spec', direction, index];
    return {
      ...(peers.length > 0 && { peers: objectsAt(rule, peersKey).flatMap(peer) }),
      ...(ports.length > 0 && { ports: ports.map(port) }),
      path,
    };
  });
}

function peer(object: JsonObject): PolicyPeer[] {
  const block = objectAt(object, 'ipBlock');
  const cidr = textAt(block, 'cidr');
  if (cidr !== undefined) return [{ kind: 'block', cidr, except: textsAt(block, 'except') }];
  const namespaces = selectorAt(object, 'namespaceSelector');
  const pods = selectorAt(object, 'podSelector');
  if (namespaces === undefined && pods === undefined) return [];
  return [{ kind: 'pods', ...(namespaces && { namespaces }), pods: pods ?? EVERYTHING }];
}

function port(item: Json): PolicyPort {
  const object = isObject(item) ? item : NOTHING;
  // one that is no protocol makes the policy unclear
  const protocol = protocolAt(object, 'protocol') ?? Protocol.TCP;
  const [low, high] = [numberAt(object, 'port'), numberAt(object, 'endPort')];
  if (low !== undefined) return { protocol, range: [low, high ?? low] };
  const name = field(object, 'port');
  return typeof name === 'string' ? { protocol, name } : { protocol };
}
