/**
 * Does what was written say what was declared? Looks for the first thing that differs, in words.
 * NetworkPolicies are judged by the naive evaluator, beside those of the owners of existing
 * namespaces, which the story only tells of.
 */

import { networkPolicyProblems } from '../../src/values/network-policy-validity';
import { egressAllowed, ingressAllowed, isolated } from '../naive/network-policy';
import type { Endpoint, NetworkPolicy, Pod, World } from '../naive/world';
import type { Written } from './build';
import type { Question } from './declared';
import { flowsOf, isDeclared, isIsolated } from './declared';
import { endsOf, portsInUse } from './ends';
import { randomNumbers, sample } from './random';
import type { Direction, Story } from './story';
import { isWritable } from './story';

const DIRECTIONS: readonly Direction[] = ['ingress', 'egress'];
const TYPES = { ingress: 'Ingress', egress: 'Egress' } as const;

/** How many subjects, others and ports are asked about per story. */
const SAMPLE = { subjects: 5, pods: 12, addresses: 6, ports: 5 };

/** What is wrong with the objects as such. */
export function faultOfObjects(story: Story, { yaml }: Written): string | undefined {
  const places = story.namespaces.filter(isWritable).map(({ name }) => name);
  const seen = new Set<string>();
  for (const policy of yaml.policies) {
    const { name, namespace = '(none)' } = policy.metadata;
    const [problem] = networkPolicyProblems(policy);
    if (problem !== undefined) return `${namespace}/${name}: ${JSON.stringify(problem)}`;
    if (seen.has(`${namespace}/${name}`)) return `${namespace}/${name} is written twice`;
    seen.add(`${namespace}/${name}`);
    if (!places.includes(namespace)) return `${namespace}/${name} is in somebody else's namespace`;
  }
  const ours = story.namespaces.filter(({ kind }) => kind !== 'existing' && kind !== 'foreign');
  const expected = ours.map(({ name }) => name).sort();
  const written = Object.keys(yaml.namespaces).sort();
  if (JSON.stringify(written) !== JSON.stringify(expected)) {
    return `namespaces ${written.join(', ')} are written instead of ${expected.join(', ')}`;
  }
  return yaml.others.length === 0 ? undefined : `unexpected ${JSON.stringify(yaml.others)}`;
}

/** What the policies isolate or allow otherwise than the story declares. */
export function faultOfPolicies(story: Story, { yaml }: Written): string | undefined {
  const { places, pods, addresses } = endsOf(story);
  const world: World = {
    namespaces: Object.fromEntries(
      Object.entries(places).map(([name, labels]) => [name, yaml.namespaces[name] ?? { labels }]),
    ),
    pods,
    policies: [...yaml.policies, ...policiesOfOwners(story)],
  };
  for (const pod of pods) {
    for (const direction of DIRECTIONS) {
      const expected = isIsolated(story, pod, direction);
      if (isolated(world, pod, TYPES[direction]) === expected) continue;
      return `${show(pod)} ${expected ? 'is not' : 'is'} isolated for ${direction}`;
    }
  }
  const next = randomNumbers(story.salt);
  const flows = flowsOf(story);
  const ports = portsInUse(story, flows);
  const inPlaces = pods.filter(({ namespace }) =>
    story.namespaces.some((one) => one.name === namespace && isWritable(one)),
  );
  for (const direction of DIRECTIONS) {
    const protectedPods = inPlaces.filter((pod) => isIsolated(story, pod, direction));
    for (const subject of sample(protectedPods, SAMPLE.subjects, next)) {
      const others = [
        ...sample(pods, SAMPLE.pods, next),
        ...sample(addresses, SAMPLE.addresses, next),
      ];
      for (const other of others.filter((one) => one !== subject)) {
        for (const [protocol, port] of sample(ports, SAMPLE.ports, next)) {
          const question = { direction, subject, other, protocol, port };
          const expected = isDeclared(story, flows, places, question);
          if (isAllowed(world, question) !== expected) return tellQuestion(question, expected);
        }
      }
    }
  }
  return undefined;
}

/** Policies of a pod's namespace are all that can concern it. */
function isAllowed(world: World, { direction, subject, other, protocol, port }: Question): boolean {
  const { policies } = world;
  const own = policies.filter(({ metadata }) => metadata.namespace === subject.namespace);
  const here = { ...world, policies: own };
  return direction === 'ingress'
    ? ingressAllowed(here, other, subject, protocol, port)
    : egressAllowed(here, subject, other, protocol, port);
}

function policiesOfOwners({ namespaces }: Story): NetworkPolicy[] {
  return namespaces
    .filter(({ kind, isolated: directions }) => kind === 'existing' && directions.length > 0)
    .map(({ name, isolated: directions }) => ({
      metadata: { name: 'default-deny', namespace: name },
      spec: { podSelector: {}, policyTypes: directions.map((one) => TYPES[one]) },
    }));
}

function tellQuestion(question: Question, expected: boolean): string {
  const { direction, subject, other, protocol, port } = question;
  const arrow = direction === 'ingress' ? `${show(other)} -> ` : '';
  const end = direction === 'ingress' ? show(subject) : `${show(subject)} -> ${show(other)}`;
  const verdict = expected ? 'is declared, but not allowed' : 'is allowed, but not declared';
  return `${direction} of ${show(subject)}: ${arrow}${end} ${protocol} ${String(port)} ${verdict}`;
}

function show(end: Endpoint): string {
  if (!('namespace' in end)) return end.ip;
  const { namespace, name, labels, ip } = end as Pod;
  return `${namespace}/${name} ${JSON.stringify(labels)} ${ip ?? ''}`;
}
