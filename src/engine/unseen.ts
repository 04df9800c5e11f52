/**
 * Whether network policy lets pods reach pods that no manifest shows, by what is known of those: their
 * namespace's name and some labels. A selector that asks for another label may mean them.
 */
import type { PolicyPort, PolicyRule } from '../read/cluster';
import type { Protocol } from '../values/port';
import type { SelectorData } from '../values/selector';
import type { Direction } from './compilation';
import { NAME_LABEL } from './pods';
import type { VerdictWord } from './result';
import type { World } from './world';

export interface UnseenPods {
  readonly namespace: string;
  /** Those that are known; there may be more. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One port of pods that nobody shows, from or to pods of a class, by NetworkPolicy. */
export function reachesUnseen(
  world: World,
  { place, direction }: { readonly place: number; readonly direction: Direction },
  pods: UnseenPods,
  [protocol, port]: readonly [Protocol, number],
): VerdictWord {
  // tiers may let through what NetworkPolicy denies
  if (world.cluster.clusterNetworkPolicies.length > 0) return 'UNKNOWN';
  if (!world.isIsolated(place, direction)) return 'ALLOWED';
  const namespace = world.classes[place]?.workload.namespace ?? '';
  const policies = world.policies.isolating(place, direction);
  if (policies.some(({ unclear }) => unclear.length > 0)) return 'UNKNOWN';
  const answers = policies
    .flatMap((policy) => policy[direction] ?? [])
    .map((rule) => both(hasPort(rule, protocol, port), means(rule, pods, namespace)));
  if (answers.includes(true)) return 'ALLOWED';
  return answers.includes(undefined) ? 'UNKNOWN' : 'DENIED';
}

/** Undefined: that depends on what is not known. */
type Answer = boolean | undefined;

function both(a: Answer, b: Answer): Answer {
  if (a === false || b === false) return false;
  return a === true && b === true ? true : undefined;
}

function hasPort({ ports }: PolicyRule, protocol: Protocol, port: number): Answer {
  if (ports === undefined) return true;
  const of = (one: PolicyPort): Answer => {
    if (one.protocol !== protocol) return false;
    // nobody knows the names of their ports
    if (one.name !== undefined) return undefined;
    return one.range === undefined || (one.range[0] <= port && port <= one.range[1]);
  };
  return any(ports.map(of));
}

function means({ peers }: PolicyRule, pods: UnseenPods, namespace: string): Answer {
  if (peers === undefined) return true;
  return any(
    peers.map((peer): Answer => {
      // nobody knows their addresses
      if (peer.kind === 'block') return undefined;
      const ofNamespace =
        peer.namespaces === undefined
          ? pods.namespace === namespace
          : matches(peer.namespaces, { [NAME_LABEL]: pods.namespace });
      return both(ofNamespace, matches(peer.pods, pods.labels));
    }),
  );
}

/** Some labels are known, others may be there. */
function matches(
  { matchLabels, matchExpressions }: SelectorData,
  labels: Readonly<Record<string, string>>,
): Answer {
  const plain = Object.entries(matchLabels).map(([key, value]): Answer =>
    Object.hasOwn(labels, key) ? labels[key] === value : undefined,
  );
  const sets = matchExpressions.map(({ key, operator, values }): Answer => {
    if (!Object.hasOwn(labels, key)) return undefined;
    switch (operator) {
      case 'In':
        return values.includes(labels[key] ?? '');
      case 'NotIn':
        return !values.includes(labels[key] ?? '');
      case 'Exists':
        return true;
      case 'DoesNotExist':
        return false;
    }
  });
  return [...plain, ...sets].reduce(both, true);
}

function any(answers: readonly Answer[]): Answer {
  if (answers.includes(true)) return true;
  return answers.includes(undefined) ? undefined : false;
}
