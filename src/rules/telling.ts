/** Words and places that many rules need: who is meant, which policies hold it, which rule admits a port. */
import type { Labels, NetworkPolicyFacts, PodFacts, PolicyRule } from '../read/cluster';
import type { FieldPath } from '../read/resource';
import { evidenceOf, objectName, placeOf } from '../engine/evidence';
import type { Direction } from '../engine/compilation';
import type { Evidence, Place } from '../engine/result';
import { NAME_LABEL } from '../engine/pods';
import { isStranger } from '../engine/strangers';
import type { Fact } from '../engine/verdict';
import type { World } from '../engine/world';
import type { Protocol } from '../values/port';

/** `ml/Pod/a, ml/Pod/b and 3 more` */
export function namesOf(world: World, places: readonly number[]): string {
  const names = [...new Set(places.map((place) => world.classes[place]?.workload.id ?? ''))];
  return listed(names);
}

export function listed(names: readonly string[]): string {
  const more = names.length - MOST;
  return more > 0
    ? `${names.slice(0, MOST).join(', ')} and ${String(more)} more`
    : names.join(', ');
}

const MOST = 3;

/** `1 workload`, `3 workloads` */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** How many workloads some classes belong to. */
export function workloadCount(world: World, places: readonly number[]): number {
  return new Set(places.map((place) => world.classes[place]?.workload.id)).size;
}

export interface Subject {
  readonly at: Place;
  readonly object: string;
}

/** A policy, or one of its fields, as where a finding stands. */
export function ofPolicy({ resource }: NetworkPolicyFacts, path?: FieldPath): Subject {
  return { at: placeOf(resource, path), object: objectName(resource) };
}

/** The object that shows a workload, else its namespace, else a policy that selects it. */
export function ofWorkload(world: World, place: number): Subject | undefined {
  const own = world.classes[place];
  const resource = own?.workload.resource ?? world.pods.namespaces[own?.namespace ?? -1]?.resource;
  if (resource !== undefined) return { at: placeOf(resource), object: objectName(resource) };
  const [policy] = [
    ...world.policies.isolating(place, 'ingress'),
    ...world.policies.isolating(place, 'egress'),
  ];
  return policy === undefined ? undefined : ofPolicy(policy);
}

/** The policies that hold some classes, each once. */
export function heldBy(world: World, places: readonly number[], direction: Direction): Evidence[] {
  const policies = new Set(places.flatMap((place) => world.policies.isolating(place, direction)));
  return [...policies].map(({ resource }) => evidenceOf(resource));
}

/** Whether a rule is about a port by its number; a name is nobody's number. */
export function admitsPort({ ports }: PolicyRule, protocol: Protocol, port: number): boolean {
  return (
    ports === undefined ||
    ports.some(
      (one) =>
        one.protocol === protocol &&
        one.name === undefined &&
        (one.range === undefined || (one.range[0] <= port && port <= one.range[1])),
    )
  );
}

/** What is not known, in words of the profile. */
export function missing(facts: readonly Fact[]): string {
  return facts.map((fact) => FACTS[fact] ?? fact).join(', ');
}

const FACTS: Partial<Record<Fact, string>> = {
  'pod-address': 'the addresses of pods (podRanges)',
  'namespace-labels': 'the labels of a namespace whose object is not in the input',
  'host-network': 'whether the CNI applies policies to pods of the host network',
  'named-port': 'the number behind the port’s name',
  'node-address': 'the addresses of the API server and nodes (apiServer.addresses)',
  'policy-unclear': 'what a policy says that is not understood',
};

/**
 * Pods of a namespace by its place, where manifests show them; a traffic model alone tells of the pods
 * that it is about, and others may live beside them.
 */
export function podsShownIn(world: World, namespace: number): PodFacts[] {
  const { start, end } = world.pods.spanOf(namespace);
  const own = world.classes.slice(start, end).filter(({ workload }) => !isStranger(workload));
  const isShown = own.some(({ workload }) => workload.resource !== undefined);
  return isShown ? own.map(({ pods }) => pods) : [];
}

/** `{ app: ui, tier: "1" }` as YAML reads it. */
export function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}: ${quoted(value)}`);
  return `{ ${pairs.join(', ')} }`;
}

function quoted(value: string): string {
  const isPlain = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[a-z][\w.-]*$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}

/** A rule that lets pods of a class in, as YAML has it; nobody: everybody. */
export function admitting(world: World, caller: number | undefined, port: string): string {
  if (caller === undefined) return `ingress: [{ ports: [${port}] }]`;
  return `ingress: [{ from: [${peerText(world, caller)}], ports: [${port}] }]`;
}

/** A rule that lets pods call those of a class. */
export function reaching(world: World, [place = -1]: readonly number[], port: string): string {
  return `egress: [{ to: [${peerText(world, place)}], ports: [${port}] }]`;
}

function peerText({ classes }: World, place: number): string {
  const { workload, pods } = classes[place] ?? {};
  return `{ namespaceSelector: { matchLabels: { ${NAME_LABEL}: ${workload?.namespace ?? ''} } }, podSelector: { matchLabels: ${labelsText(pods?.labels ?? {})} } }`;
}
