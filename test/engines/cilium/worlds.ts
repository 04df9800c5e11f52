/** Random worlds of the fuzz tests with everything known, as cases for both engines. */
import { Network } from '../../../src/engine/network';
import type { Protocol } from '../../../src/values/port';
import type { ClusterWorld } from '../../naive/cluster-network-policy';
import type { ContainerPort, Endpoint, Labels, Pod } from '../../naive/world';
import { isPod } from '../../naive/network-policy';
import { Dice } from '../../fuzz/dice';
import { complete } from '../../fuzz/l4-completion';
import { ADDRESSES, PORTS, protocol } from '../../fuzz/l4-pools';
import { partialWorld } from '../../fuzz/l4-world';
import { clusterOfClusterWorld } from '../../support/cluster-policies-of-world';
import type { Asked } from './judge';
import { undisputed } from './deviations';
import { CILIUM } from './profile';
import type { Titled } from './second-opinion';
import { stored } from './stored';

/** A connection between ends of a world. */
export interface Named {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly protocol: Protocol;
  readonly port: number;
}

const QUESTIONS = 24;

export function randomCase(seed: number): Titled {
  const dice = new Dice(seed);
  const world = undisputed(settled(completeWorld(dice), dice));
  const questions = Array.from({ length: QUESTIONS }, () => question(dice, world));
  return caseOf(`seed ${String(seed)}`, world, questions);
}

/** What is asked of a world, by the names of its pods. */
export function caseOf(title: string, world: ClusterWorld, questions: readonly Named[]): Titled {
  const network = new Network({ ...clusterOfClusterWorld(world), profile: CILIUM });
  const { classes } = network.compilation.pods;
  const asked = (end: Endpoint): Asked =>
    isPod(end) ? classes.findIndex(({ workload }) => workload.name === end.name) : end.ip;
  return {
    title,
    network,
    policies: stored(world),
    questions: questions.map(({ from, to, ...rest }) => ({
      ...rest,
      from: asked(from),
      to: asked(to),
    })),
  };
}

/** A world of which nothing is unknown. */
export function completeWorld(dice: Dice): ClusterWorld {
  const partial = partialWorld(dice);
  const pods = partial.world.pods.map((pod): Pod => {
    const asked = [pod, pod, protocol(dice), dice.pick(PORTS)] as const;
    const [own] = complete(dice, partial, asked).connection;
    return isPod(own) ? { ...own, ports: unambiguous(own.ports ?? []) } : pod;
  });
  const [first] = pods;
  if (first === undefined) return { ...partial.world, pods };
  const { world } = complete(dice, partial, [first, first, 'TCP', 80]);
  return { ...world, pods, nodes: [...(world.nodes ?? []), ...unlisted(world, pods)] };
}

/** Nodes that only their pods tell of. */
function unlisted(
  { nodes = [] }: ClusterWorld,
  pods: readonly Pod[],
): { labels: Labels; ips: string[] }[] {
  const listed = new Set(nodes.flatMap(({ ips }) => ips));
  const told = pods.flatMap(({ hostNetwork, hostIP, ips = [] }) => [
    ...(hostIP === undefined ? [] : [hostIP]),
    ...(hostNetwork ? ips : []),
  ]);
  const missing = [...new Set(told)].filter((ip) => !listed.has(ip));
  return missing.map((ip) => ({ labels: {}, ips: [ip] }));
}

/**
 * The API server takes a name of a port once in a container: it means one number. Cilium's lookup
 * knows no names of SCTP ports.
 */
function unambiguous(ports: readonly ContainerPort[]): ContainerPort[] {
  const names = ports.map(({ name }) => name);
  return ports.filter(
    ({ name, protocol: own }, index) =>
      name === undefined || (own !== 'SCTP' && names.indexOf(name) === index),
  );
}

/** Of a world with NetworkPolicy and Baseline policies only the ones or the others: see deviations. */
function settled(world: ClusterWorld, dice: Dice): ClusterWorld {
  return dice.chance(0.3) ? { ...world, policies: [] } : world;
}

function question(dice: Dice, { pods }: ClusterWorld): Named {
  const pod = (): Endpoint => dice.from(pods) ?? { ip: '203.0.113.5' };
  const address = (): Endpoint => ({
    ip: dice.chance(0.6) ? dice.pick(ADDRESSES.outside) : dice.pick(ADDRESSES.nodes4),
  });
  const [one, other] = [pod(), dice.chance(0.8) ? pod() : address()];
  const [from, to] = dice.chance(0.5) ? [one, other] : [other, one];
  return { from, to, protocol: protocol(dice) as Protocol, port: dice.pick(PORTS) };
}
