/**
 * Which mesh stories are told at random? Raw choices are numbers that pick from small pools, so that
 * callers share namespaces, accounts and ports; `storyOf` makes sentences of them that mostly mean
 * something. Fewer and smaller choices make a smaller story: counterexamples shrink.
 */

import * as fc from 'fast-check';
import type { Labels } from '../naive/world';
import type {
  DeclaredPort,
  Deny,
  Direction,
  Grant,
  HttpRule,
  MeshStory,
  Mtls,
  Namespace,
  Peer,
  Ports,
  TokenRule,
  Tokens,
  Workload,
} from './mesh-story';
import { isWritable, namespaceInMesh, workloadInMesh } from './mesh-story';

const nat = fc.nat({ max: 0x7fff_ffff });
const some = <T>(of: fc.Arbitrary<T>, maxLength: number, minLength = 0): fc.Arbitrary<T[]> =>
  fc.array(of, { minLength, maxLength });

const rawGrant = fc.record({ how: nat, from: nat, to: nat, ports: nat, http: some(nat, 2, 1) });

const rawStory = fc.record({
  platform: nat,
  namespaces: fc.tuple(nat, nat, nat),
  workloads: some(nat, 5, 2),
  grants: some(rawGrant, 6, 1),
  denies: some(nat, 3),
  mtls: some(nat, 2),
  tokens: some(fc.tuple(nat, nat), 1),
});

export const anyMeshStory: fc.Arbitrary<MeshStory> = rawStory.map(storyOf);

type RawOf<A> = A extends fc.Arbitrary<infer T> ? T : never;
type Raw = RawOf<typeof rawStory>;

/** Takes choices off one number, the first ones first. */
class Dice {
  constructor(private rest: number) {}

  below(sides: number): number {
    const face = this.rest % sides;
    this.rest = Math.floor(this.rest / sides);
    return face;
  }

  /** True once in so many times; false for small numbers. */
  once(inSoMany: number): boolean {
    return this.below(inSoMany) === inSoMany - 1;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] as T;
  }
}

function storyOf(raw: Raw): MeshStory {
  const platform = new Dice(raw.platform);
  const meshes = ['sidecar', 'sidecar', 'ambient', 'sidecar', 'ambient', 'none'] as const;
  const mesh = platform.pick(meshes);
  const base = {
    mesh,
    withinNamespace: platform.once(10),
    monitoring: platform.once(3),
    namespaces: raw.namespaces.map(namespaceOf),
    ...{ workloads: [], grants: [], denies: [], mtls: [], tokens: [] },
  } satisfies MeshStory;
  const workloads = raw.workloads.map((choice, index) =>
    workloadOf(base.namespaces, choice, index),
  );
  const told: MeshStory = { ...base, workloads };
  const story = { ...told, tokens: raw.tokens.flatMap((choices) => tokensOf(told, choices)) };
  const grants = raw.grants.map((choices) => grantOf(story, choices));
  const denies = raw.denies.flatMap((choice) => denyOf(story, choice));
  const mtls = raw.mtls.flatMap((choice) => mtlsOf(story, choice));
  const [first] = story.namespaces;
  // most of a model is isolated, as in earnest
  const whole: Deny[] = platform.once(4)
    ? []
    : [{ namespace: first?.name ?? '', directions: ['ingress', 'egress'] }];
  return { ...story, grants, mtls, denies: distinctDenies([...whole, ...denies]) };
}

const NAMES = ['serving', 'jobs', 'web'] as const;

function namespaceOf(choice: number, index: number): Namespace {
  const dice = new Dice(choice);
  const name = NAMES[index] ?? 'serving';
  const kinds = ['ours', 'foreign', 'existing', 'ours', 'unseen'] as const;
  const kind = index === 0 ? 'ours' : dice.pick(kinds);
  const labels: Labels = dice.once(2) ? { team: 'ml' } : {};
  const said = dice.pick([undefined, true, undefined, false] as const);
  const mesh = kind === 'unseen' || (index === 0 && !dice.once(5)) ? undefined : said;
  const isolated = dice.pick<readonly Direction[]>([
    ['ingress', 'egress'],
    ['ingress'],
    [],
    ['egress'],
  ]);
  return { name, kind, labels, mesh, isolated: kind === 'existing' ? isolated : [] };
}

const WORKLOADS = ['model-api', 'feature-store', 'scorer', 'notebook', 'frontend'] as const;

function workloadOf(namespaces: readonly Namespace[], choice: number, index: number): Workload {
  const dice = new Dice(choice);
  const name = WORKLOADS[index] ?? `workload-${index}`;
  // the first one is what the others call
  const place = index === 0 ? 0 : dice.below(namespaces.length);
  const told = namespaces[place]?.kind === 'unseen' ? namespaces[0] : namespaces[place];
  const role: Labels = dice.once(3) ? { role: 'frontend' } : {};
  const account = dice.pick([name, name, 'runner', undefined] as const);
  const membership = [undefined, undefined, undefined, undefined, undefined, false, true] as const;
  const mesh = index === 0 && !dice.once(8) ? undefined : dice.pick(membership);
  const ports: DeclaredPort[] = [
    { port: 8080, kind: dice.once(8) ? 'tcp' : 'http', purpose: 'service' },
    ...(dice.once(3) ? [{ port: 9000, kind: 'grpc', purpose: 'service' } as const] : []),
    ...(dice.once(3) ? [{ port: 5432, kind: 'tcp', purpose: 'service' } as const] : []),
    ...(dice.once(3) ? [{ port: 8082, kind: 'http', purpose: 'metrics' } as const] : []),
    ...(dice.once(6) ? [{ port: 8125, kind: 'udp', purpose: 'service' } as const] : []),
  ];
  return {
    namespace: told?.name ?? 'serving',
    name,
    labels: { app: name, ...role },
    account,
    ports,
    mesh,
  };
}

function grantOf(story: MeshStory, raw: RawOf<typeof rawGrant>): Grant {
  const dice = new Dice(raw.how);
  const says = ['allowFrom', 'L7AccessRule', 'ModuleIngress', 'allowTo', 'ModuleEgress'] as const;
  const say = dice.pick(says);
  const asksRequests = say === 'L7AccessRule' ? !dice.once(5) : dice.once(4);
  const waived = story.mesh === 'none' ? !dice.once(5) : dice.once(30);
  const to = calleeOf(story, say, new Dice(raw.to));
  const from = callerOf(story, say, to, new Dice(raw.from));
  // what is no request cannot be limited: seldom asked for
  const limited = asksRequests && (isHttpAt(to) || dice.once(20));
  const http = limited ? raw.http.map((choice) => ruleOf(story, to, new Dice(choice))) : undefined;
  return { say, from, to, ports: portsOf(to, limited, new Dice(raw.ports)), http, waived };
}

function isHttpAt(to: Peer): boolean {
  return (
    to.kind === 'workload' &&
    to.workload.ports.some(({ kind }) => kind === 'http' || kind === 'grpc')
  );
}

/** Mostly the first workload; a namespace or pods by label where the construct takes them. */
function calleeOf(story: MeshStory, say: Grant['say'], dice: Dice): Peer {
  const writable = story.workloads.filter(({ namespace }) => isWritable(story, namespace));
  const [first] = story.workloads as [Workload];
  const workload = dice.once(3) ? (writable[dice.below(writable.length)] ?? first) : first;
  const one: Peer = { kind: 'workload', workload };
  if (say === 'L7AccessRule' || say === 'allowFrom' || !dice.once(4)) return one;
  const { namespace } = workload;
  const labels: Labels = { role: 'frontend' };
  return dice.once(2) ? { kind: 'pods', namespace, labels } : { kind: 'namespace', namespace };
}

function callerOf(story: MeshStory, say: Grant['say'], to: Peer, dice: Dice): Peer {
  const told = dice.below(20);
  const workload = story.workloads[dice.below(story.workloads.length)] as Workload;
  const own: Peer = { kind: 'workload', workload };
  if (say === 'allowTo') return own;
  const namespace = story.namespaces[dice.below(story.namespaces.length)] as Namespace;
  const { name, kind } = namespace;
  if (say === 'ModuleEgress') {
    if (!isWritable(story, workload.namespace)) return { kind: 'namespace', namespace: 'serving' };
    return told < 14 ? own : { kind: 'namespace', namespace: workload.namespace };
  }
  // limits that nobody could hold are refused: seldom asked for
  const held = to.kind === 'workload' && workloadInMesh(story, to.workload) === true;
  if (told < 7 || ((told < 12 || told === 19) && !held && !dice.once(6))) return own;
  if (told < 11) return identityOf(story.mesh, workload, namespace, dice);
  if (told < 13) return groupOf(name, kind, dice);
  if (told < 15) return { kind: 'namespace', namespace: name };
  if (told === 15) return { kind: 'gateway' };
  if (told === 16 && story.monitoring) return { kind: 'monitoring' };
  if (told === 16) return { kind: 'nodes' };
  if (told === 17) return { kind: 'cidr', cidr: dice.pick(CIDRS) };
  if (told === 18) {
    const wide: [Peer, ...Peer[]] = [{ kind: 'any' }, { kind: 'all-pods' }];
    return dice.pick([...wide, { kind: 'namespaces', labels: { team: 'ml' } } as const]);
  }
  const issuer = issuerAt(story, to, dice);
  if (issuer === undefined) return own;
  return { kind: 'subject', issuer, subject: dice.pick(['alice', 'team/alice'] as const) };
}

const CIDRS = ['203.0.113.0/24', '203.0.113.7/32', '10.0.0.0/8'] as const;

/** An account of a workload, or of others' namespaces; of ours the pods must be known: seldom not. */
function identityOf(
  mesh: MeshStory['mesh'],
  workload: Workload,
  { name, kind }: Namespace,
  dice: Dice,
): Peer {
  const known = kind === 'ours' && !dice.once(10);
  const [namespace, account] =
    workload.account !== undefined && (known || dice.once(2))
      ? [workload.namespace, workload.account]
      : [name, 'job-runner'];
  // without a mesh nobody knows which trust domain is the cluster's own
  const remote = dice.once(6) && mesh !== 'none';
  const trustDomain = remote ? 'remote.test' : 'cluster.local';
  const kinds = ['account', 'account', 'account', 'authenticated', 'principal'] as const;
  const asked = dice.pick(kinds);
  if (asked === 'authenticated' || (known && workload.account === undefined)) {
    return { kind: 'authenticated', namespace: name };
  }
  return asked === 'account'
    ? { kind: 'account', namespace, account }
    : { kind: 'principal', trustDomain, namespace, account };
}

/** Pods by label; what is told of them holds for all that carry the labels. */
function groupOf(namespace: string, kind: Namespace['kind'], dice: Dice): Peer {
  const labels: Labels = dice.once(2) ? { job: 'batch' } : { role: 'frontend' };
  // workloads may be frontends too, with accounts of their own
  const facts = labels['job'] === 'batch' && kind !== 'ours';
  const account = facts && dice.once(2) ? 'batch' : undefined;
  const mesh = facts && dice.once(2) ? true : undefined;
  return { kind: 'pods', namespace, labels, account, mesh };
}

/** Without ports the callee's service ports are meant. */
function portsOf(to: Peer, limited: boolean, dice: Dice): Ports | undefined {
  if (to.kind !== 'workload') return dice.once(8) ? 'all' : [{ protocol: 'TCP', port: 8080 }];
  const { ports } = to.workload;
  const http = ports.filter(({ kind }) => kind === 'http' || kind === 'grpc');
  const listed = (limited ? http : ports).map(({ port, kind }) => ({
    protocol: kind === 'udp' ? ('UDP' as const) : ('TCP' as const),
    port,
  }));
  const range: Ports = [{ protocol: 'TCP', port: 8000, endPort: dice.once(2) ? 8500 : 8090 }];
  const [first] = listed;
  const choice = dice.below(limited ? 24 : 12);
  if (first === undefined || (choice === 0 && ports.length === http.length)) return undefined;
  if (choice === 9) return 'all';
  if (choice === 10) return range;
  if (choice === 11) return undefined;
  return choice % 2 === 0 ? [first] : listed;
}

const PATHS = [
  ['/v1/predict'],
  ['/v1/models'],
  ['/v1/*'],
  ['*.json'],
  ['/v2/models/{*}/infer'],
  ['/v2/{**}'],
  ['/v1/predict', '/health'],
] as const;

function ruleOf(story: MeshStory, to: Peer, dice: Dice): HttpRule {
  const issuer = dice.once(4) ? issuerAt(story, to, dice) : undefined;
  const jwt = issuer === undefined ? undefined : { ...tokenOf(dice), issuer };
  return { ...requestsOf(dice), jwt };
}

function requestsOf(dice: Dice): HttpRule {
  const methods = dice.pick<readonly string[]>([['GET'], ['POST'], [], ['GET', 'POST']]);
  const paths: readonly string[] = dice.once(5) ? [] : (PATHS[dice.below(PATHS.length)] ?? []);
  const hosts = dice.pick<readonly string[]>([[], [], [], [], ['models.test'], ['*.models.test']]);
  return { methods, paths, hosts };
}

const ISSUERS = ['https://idp.test', 'https://other.test'] as const;

/** An issuer whose tokens the callee validates; seldom one that nobody validates. */
function issuerAt({ tokens }: MeshStory, to: Peer, dice: Dice): string | undefined {
  if (dice.once(12)) return dice.pick(ISSUERS);
  const validated = tokens.find(
    ({ workload }) => to.kind === 'workload' && to.workload === workload,
  );
  return validated?.issuer;
}

function tokenOf(dice: Dice): TokenRule {
  return {
    issuer: dice.pick(ISSUERS),
    subjects: dice.pick<readonly string[]>([[], ['alice'], ['team/alice']]),
    audiences: dice.pick<readonly string[]>([[], ['scoring']]),
    claims: claimsOf(dice),
  };
}

function claimsOf(dice: Dice): Readonly<Record<string, readonly string[]>> {
  return dice.pick<TokenRule['claims']>([
    {},
    {},
    { groups: ['ml'] },
    { groups: ['admin', 'ml'], tier: ['gold'] },
  ]);
}

/** Tokens of the first workload. */
function tokensOf(story: MeshStory, [choice, more]: [number, number]): Tokens[] {
  const dice = new Dice(choice);
  const [workload] = story.workloads;
  const opaque = workload?.ports.some(({ kind }) => kind === 'tcp') ?? true;
  const unheld = story.mesh === 'none' || (workload && workloadInMesh(story, workload)) !== true;
  const waived = unheld && dice.once(2);
  // what cannot be held is refused: seldom
  if (workload === undefined || ((opaque || (unheld && !waived)) && !dice.once(10))) return [];
  const { issuer, audiences, claims } = tokenOf(dice);
  const withoutToken = (dice.once(2) ? [requestsOf(new Dice(more))] : []).filter(
    ({ methods, paths, hosts }) => methods.length + paths.length + hosts.length > 0,
  );
  return [{ workload, issuer, audiences, claims, withoutToken, waived }];
}

/** One default deny for the same pods: a second one would be the same object again. */
function distinctDenies(denies: readonly Deny[]): Deny[] {
  const what = ({ namespace, labels, workload }: Deny): string =>
    JSON.stringify([namespace, labels ?? workload?.labels ?? {}]);
  return [...new Map(denies.map((deny) => [what(deny), deny])).values()];
}

function denyOf(story: MeshStory, choice: number): Deny[] {
  const dice = new Dice(choice);
  const workload = story.workloads[dice.below(story.workloads.length)] as Workload;
  const { namespace } = workload;
  if (!isWritable(story, namespace)) return [];
  const directions = dice.pick<readonly Direction[]>([
    ['ingress'],
    ['ingress', 'egress'],
    ['egress'],
  ]);
  return [
    dice.pick<Deny>([
      { namespace, directions },
      { namespace, workload, directions },
      { namespace, labels: { role: 'frontend' }, directions },
    ]),
  ];
}

function mtlsOf(story: MeshStory, choice: number): Mtls[] {
  const dice = new Dice(choice);
  const workload = story.workloads[
    dice.once(2) ? dice.below(story.workloads.length) : 0
  ] as Workload;
  const { namespace } = workload;
  if (!isWritable(story, namespace)) return [];
  const whole = namespaceInMesh(story, namespace) === true && dice.once(2);
  return [whole ? { namespace } : { namespace, workload }];
}
