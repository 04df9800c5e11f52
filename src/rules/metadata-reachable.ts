/** MLN206: pods that reach the cloud's metadata service, and with it the node's credentials. */
import type { NetworkPolicyFacts, PolicyRule } from '../read/cluster';
import type { World } from '../engine/world';
import { compareText } from '../engine/pods';
import { isOpen } from '../engine/outside';
import { Protocol } from '../values/port';
import { meansAddress, namesAlone } from './admitting';
import type { Found, Rule } from './rule';
import type { Subject } from './telling';
import {
  admitsPort,
  counted,
  heldBy,
  missing,
  namesOf,
  ofPolicy,
  ofWorkload,
  workloadCount,
} from './telling';

export const metadataReachable: Rule = {
  code: 'MLN206',
  name: 'metadata-reachable',
  severity: 'error',
  summary: 'pods reach the cloud’s metadata service',
  why:
    'Whoever makes a pod fetch a URL (a notebook, a model that downloads images, generated code) gets ' +
    'the node’s credentials from the metadata service. A block of all addresses has it, too.',
  whenNot:
    'The pods need it: a rule that names the address alone is taken to mean it. On clouds where the ' +
    'metadata service is closed to pods, state the profile’s metadataAddresses as empty.',
  sources: [
    'https://kubernetes.io/docs/concepts/security/cloud-native-security/',
    'https://z2jh.jupyter.org/en/stable/administrator/security.html',
  ],
  examples: {
    bad: { yaml: example('{ cidr: 0.0.0.0/0 }') },
    good: { yaml: example('{ cidr: 0.0.0.0/0, except: [169.254.169.254/32] }') },
  },
  check: (world) => {
    const isolated = all(world).filter((place) => world.isIsolated(place, 'egress'));
    const addresses = world.cluster.profile.metadataAddresses.map(
      (cidr) => cidr.split('/')[0] ?? '',
    );
    return addresses.flatMap((address) => [
      ...byRule(world, isolated, address),
      ...(isolated.length === 0 ? [] : unrestricted(world, address)),
    ]);
  },
};

function all(world: World): readonly number[] {
  return world.shown(world.classes.map(({ index }) => index));
}

interface Group {
  readonly subject: Subject;
  readonly rule?: PolicyRule;
  readonly places: number[];
  readonly isSure: boolean;
  readonly missing: string;
}

/** Isolated pods, by the first rule that lets them. */
function byRule(world: World, isolated: readonly number[], address: string): Found[] {
  const groups = new Map<string, Group>();
  for (const place of isolated) {
    const verdict = world.ofAddress(place, 'egress', address);
    const word = verdict === undefined ? 'DENIED' : world.word(verdict, Protocol.TCP, PORT);
    if (verdict === undefined || word === 'DENIED') continue;
    const policies = world.policies.isolating(place, 'egress');
    const rules = policies.flatMap((policy) =>
      (policy.egress ?? [])
        .filter((rule) => admitsPort(rule, Protocol.TCP, PORT) && meansAddress(rule, address))
        .map((rule): [NetworkPolicyFacts, PolicyRule] => [policy, rule]),
    );
    const [first] = rules.filter(([, rule]) => !namesAlone(rule, address));
    if (rules.length > 0 && first === undefined) continue;
    const subject =
      first === undefined ? ofWorkload(world, place) : ofPolicy(first[0], first[1].path);
    if (subject === undefined) continue;
    const key = `${subject.object} ${String(first?.[1].path.join('.'))} ${word}`;
    const known = groups.get(key);
    if (known !== undefined) known.places.push(place);
    else {
      const rule = first?.[1];
      const group = {
        subject,
        places: [place],
        isSure: word === 'ALLOWED',
        missing: missing(verdict.facts),
      };
      groups.set(key, { ...group, ...(rule && { rule }) });
    }
  }
  return [...groups.values()].map(({ subject, rule, places, isSure, missing: fact }) => ({
    ...subject,
    message: isSure
      ? `${counted(workloadCount(world, places), 'workload')} may reach the metadata service at ${address}`
      : `whether the metadata service at ${address} is reachable is not known: ${fact}`,
    got: `TCP ${String(PORT)} to ${address} from ${namesOf(world, places)}`,
    expected: `no rule that holds ${address}, unless it names it alone`,
    fix: fixOf(rule, address),
    evidence: heldBy(world, places, 'egress'),
    ...(isSure ? {} : { severity: 'warning' as const }),
  }));
}

const PORT = 80;

function fixOf(rule: PolicyRule | undefined, address: string): string {
  const single = `${address}/${address.includes(':') ? '128' : '32'}`;
  const block = rule?.peers?.find(
    (peer) => peer.kind === 'block' && meansAddress({ peers: [peer], path: [] }, address),
  );
  if (block?.kind === 'block') {
    const except = [...block.except, single].join(', ');
    return `ipBlock: { cidr: ${JSON.stringify(block.cidr)}, except: [${except}] }`;
  }
  const everywhere = address.includes(':') ? '"::/0"' : '0.0.0.0/0';
  return `to: [{ namespaceSelector: {} }, { ipBlock: { cidr: ${everywhere}, except: [${single}] } }]`;
}

/** Pods that nothing holds, while others are isolated: told once a namespace. */
function unrestricted(world: World, address: string): Found[] {
  const byNamespace = new Map<string, number[]>();
  for (const place of all(world)) {
    const own = world.classes[place];
    if (own === undefined || own.pods.hostNetwork || !isOpen(world, place, 'egress')) continue;
    if (world.isIsolated(place, 'egress')) continue;
    const known = byNamespace.get(own.workload.namespace);
    if (known === undefined) byNamespace.set(own.workload.namespace, [place]);
    else known.push(place);
  }
  return [...byNamespace]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([namespace, places]): Found[] => {
      const subject = ofWorkload(world, places[0] ?? -1);
      if (subject === undefined) return [];
      return [
        {
          ...subject,
          severity: 'info',
          message: `${counted(workloadCount(world, places), 'workload')} of ${namespace} may reach the metadata service at ${address}: nothing holds their egress`,
          got: `no policy for egress of ${namesOf(world, places)}`,
          expected: 'pods that are isolated for egress, as others are',
          fix: `new DefaultDeny(this, 'deny-${namespace}', { namespace, directions: IsolationDirections.EGRESS })`,
        },
      ];
    });
}

function example(block: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: internet, namespace: notebooks }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: [{ to: [{ ipBlock: ${block} }] }]
---
apiVersion: v1
kind: Pod
metadata: { name: jupyter, namespace: notebooks, labels: { app: jupyter } }
spec: { containers: [{ name: main, image: jupyter }] }
`;
}
