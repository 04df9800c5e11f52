/**
 * Who is asked about a story? Pods of every workload and of every group that peers name by labels,
 * strangers in every namespace with every account in use, pods that go around or stay outside the
 * mesh, namespaces that nobody named, and addresses; and which requests they send.
 */

import type { MeshPod, Token } from '../naive/istio-world';
import type { Endpoint, Labels } from '../naive/world';
import type {
  HttpRule,
  MeshStory,
  Namespace,
  Peer,
  Ports,
  TokenRule,
  Workload,
} from './mesh-story';
import { carries, GATEWAY, MONITORING, namespaceInMesh, workloadInMesh } from './mesh-story';

export interface Witness {
  readonly id: string;
  readonly end: MeshPod | { readonly ip: string };
  /** In the mesh, but goes around its own proxy. */
  readonly plaintext: boolean;
  /** No workload's, and in no group that a peer names by label. */
  readonly stranger: boolean;
  /** Whether it is as the story says; nobody owes a pod that is not anything. */
  readonly conforms: boolean;
}

export interface Asked {
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly jwt?: Token;
}

/** Namespaces that no story names; one looks like those that peers name by label. */
const ELSEWHERE: readonly Namespace[] = [
  { name: 'elsewhere', kind: 'unseen', labels: {}, isolated: [] },
  { name: 'lookalike', kind: 'unseen', labels: { team: 'ml' }, isolated: [] },
];
const PLATFORM: readonly Namespace[] = [
  { name: MONITORING.namespace, kind: 'unseen', labels: {}, isolated: [] },
  { name: GATEWAY.namespace, kind: 'unseen', labels: {}, isolated: [] },
];

export const ADDRESSES = ['203.0.113.7', '198.51.100.7', '192.168.7.7', '10.9.8.7'];

/** All namespaces of the cluster, in and beside the story. */
export function placesOf(story: MeshStory): readonly Namespace[] {
  const known = new Set(story.namespaces.map(({ name }) => name));
  return [...story.namespaces, ...ELSEWHERE, ...PLATFORM.filter(({ name }) => !known.has(name))];
}

export function witnessesOf(story: MeshStory): Witness[] {
  const world = new Census(story);
  for (const workload of story.workloads) world.workload(workload);
  for (const peer of peersIn(story)) if (peer.kind === 'pods') world.group(peer);
  for (const place of placesOf(story)) world.strangers(place.name);
  world.add('prometheus', { ...MONITORING, inMesh: false });
  const { namespace, labels, account } = GATEWAY;
  world.add('gateway', { namespace, labels, serviceAccount: account, inMesh: true });
  return [
    ...world.witnesses,
    ...ADDRESSES.map((ip) => ({
      ...{ id: ip, end: { ip }, plaintext: false, stranger: true, conforms: true },
    })),
  ];
}

type PodsPeer = Extract<Peer, { kind: 'pods' }>;
type Flags = Pick<Witness, 'plaintext' | 'stranger' | 'conforms'>;
type PodFacts = Omit<MeshPod, 'name' | 'httpPorts' | 'ip'>;

class Census {
  readonly witnesses: Witness[] = [];

  constructor(private readonly story: MeshStory) {}

  /** Pods of unknown account run as any of their namespace's. */
  workload(workload: Workload): void {
    const { namespace, name, labels, account, ports } = workload;
    const inMesh = workloadInMesh(this.story, workload);
    const http = ports.filter(({ kind }) => kind === 'http' || kind === 'grpc');
    const httpPorts = http.map(({ port }) => port);
    const accounts = account === undefined ? this.accountsIn(namespace) : [account];
    for (const serviceAccount of accounts) {
      for (const participates of inMesh === undefined ? [true, false] : [inMesh]) {
        const facts = { namespace, labels, serviceAccount, inMesh: participates };
        this.add(`${name} as ${serviceAccount}`, facts, { httpPorts });
        if (participates) this.add(`${name} in plain text`, facts, { httpPorts, plaintext: true });
      }
    }
    // the other replica: a pod may always call itself
    const [serviceAccount] = accounts;
    const facts = { namespace, labels, serviceAccount, inMesh: inMesh ?? true };
    this.add(`${name} again`, facts, { httpPorts });
  }

  /** Pods that peers name by label; what one peer tells of them holds for all. */
  group({ namespace, labels }: PodsPeer): void {
    // pods of a workload are there already, with its facts
    if (this.workloadsIn(namespace).some((one) => carries(labels, one.labels))) return;
    const same = peersIn(this.story).filter(
      (peer): peer is PodsPeer =>
        peer.kind === 'pods' &&
        peer.namespace === namespace &&
        JSON.stringify(peer.labels) === JSON.stringify(labels),
    );
    const account = same.find((peer) => peer.account !== undefined)?.account;
    const mesh = same.find((peer) => peer.mesh !== undefined)?.mesh;
    const known = mesh ?? namespaceInMesh(this.story, namespace);
    const accounts = account === undefined ? this.accountsIn(namespace) : [account];
    for (const serviceAccount of accounts) {
      for (const inMesh of known === undefined ? [true, false] : [known]) {
        this.add(`${JSON.stringify(labels)}`, { namespace, labels, serviceAccount, inMesh });
      }
    }
  }

  strangers(namespace: string): void {
    const known = namespaceInMesh(this.story, namespace);
    for (const serviceAccount of this.accountsIn(namespace)) {
      for (const inMesh of [true, false]) {
        const labels: Labels = { app: 'stranger' };
        const conforms = known === undefined || known === inMesh;
        this.add(
          `stranger`,
          { namespace, labels, serviceAccount, inMesh },
          { conforms, stranger: true },
        );
      }
    }
  }

  add(
    name: string,
    facts: PodFacts,
    { httpPorts = [], ...flags }: { httpPorts?: readonly number[] } & Partial<Flags> = {},
  ): void {
    const index = this.witnesses.length;
    const ip = `10.244.${Math.floor(index / 250)}.${1 + (index % 250)}`;
    const end: MeshPod = { ...facts, name: `pod-${index}`, ip, httpPorts };
    const { namespace, serviceAccount = 'default', inMesh } = facts;
    const id = `${namespace}/${name} (${serviceAccount}, ${inMesh ? 'in' : 'out'} #${index})`;
    const usual = { plaintext: false, stranger: false, conforms: true };
    this.witnesses.push({ id, end, ...usual, ...flags });
  }

  private workloadsIn(namespace: string): Workload[] {
    return this.story.workloads.filter((one) => one.namespace === namespace);
  }

  /** `default`, and every account that the story names there. */
  private accountsIn(namespace: string): string[] {
    const named = peersIn(this.story).flatMap((peer) =>
      (peer.kind === 'account' || peer.kind === 'principal' || peer.kind === 'pods') &&
      peer.namespace === namespace
        ? (peer.account ?? [])
        : [],
    );
    const own = this.workloadsIn(namespace).flatMap(({ account }) => account ?? []);
    return [...new Set(['default', ...own, ...named])];
  }
}

export function peersIn({ grants }: MeshStory): Peer[] {
  return grants.flatMap(({ from, to }) => [from, to]);
}

export function isPod(end: Endpoint): end is MeshPod {
  return 'namespace' in end;
}

/** What is sent to a target: every declared port and those that grants name, and on each HTTP port … */
export function askedOf(story: MeshStory, target: MeshPod, rules: readonly HttpRule[]): Asked[] {
  const ports = portsAt(story, target);
  return ports.flatMap(({ port, protocol }): Asked[] =>
    protocol === 'TCP' && target.inMesh && target.httpPorts.includes(port)
      ? requestsOf(story, rules, port).map((request) => ({ ...request, port, protocol }))
      : [{ port, protocol }],
  );
}

function portsAt(story: MeshStory, target: MeshPod): { port: number; protocol: 'TCP' | 'UDP' }[] {
  const declared = story.workloads
    .filter((one) => one.namespace === target.namespace && carries(target.labels ?? {}, one.labels))
    .flatMap(({ ports }) => ports)
    .map(({ port, kind }) => `${kind === 'udp' ? 'UDP' : 'TCP'} ${port}`);
  const named = story.grants.flatMap(({ ports }) => edgesOf(ports));
  const all = new Set([...declared, ...named, 'TCP 15020', 'TCP 7777', 'UDP 8080']);
  return [...all].map((text) => {
    const [protocol, port] = text.split(' ');
    return { protocol: protocol as 'TCP' | 'UDP', port: Number(port) };
  });
}

function edgesOf(ports: Ports | undefined): string[] {
  if (ports === undefined || ports === 'all') return [];
  return ports.flatMap(({ protocol, port, endPort = port }) => [
    `${protocol} ${port}`,
    `${protocol} ${endPort}`,
  ]);
}

/** Every method with every path, each with and without token; each rule missed in one respect. */
function requestsOf(
  story: MeshStory,
  rules: readonly HttpRule[],
  port: number,
): Omit<Asked, 'port' | 'protocol'>[] {
  const methods = [...new Set([...rules.flatMap((rule) => rule.methods), 'GET', 'PATCH'])];
  const paths = [...new Set([...rules.flatMap((rule) => rule.paths).flatMap(pathsOf), '/other'])];
  const hosts = [
    ...new Set([
      ...rules.flatMap((rule) => rule.hosts).flatMap((one) => hostsOf(one, port)),
      'other.test',
    ]),
  ];
  const tokens = tokensOf(story, rules);
  const [host = ''] = hosts;
  const [, good] = tokens;
  const all = methods.flatMap((method) =>
    paths.flatMap((path) => [
      { method, path, host, jwt: undefined },
      ...(good === undefined ? [] : [{ method, path, host, jwt: good }]),
    ]),
  );
  const varied = rules.flatMap((rule) => {
    const method = rule.methods[0] ?? 'GET';
    const path = rule.paths.flatMap(pathsOf)[0] ?? '/other';
    const own = rule.hosts.flatMap((one) => hostsOf(one, port))[0] ?? host;
    const first = { method, path, host: own };
    return [
      ...tokens.map((jwt) => ({ ...first, jwt })),
      ...hosts.map((one) => ({ ...first, host: one, jwt: good })),
      ...hosts.map((one) => ({ ...first, host: one, jwt: undefined })),
    ];
  });
  return [...new Map([...all, ...varied].map((one) => [JSON.stringify(one), one])).values()];
}

/** A path that matches the pattern, and near misses. */
function pathsOf(pattern: string): string[] {
  if (pattern.includes('{')) {
    const filled = pattern.replace('{*}', 'bert').replace('{**}', 'a/b');
    return [filled, `${filled}/more`, pattern.replace('{*}', '').replace('{**}', '')];
  }
  if (pattern === '*') return ['/anything'];
  if (pattern.startsWith('*')) return [`/model${pattern.slice(1)}`, `/model${pattern.slice(1)}x`];
  if (pattern.endsWith('*')) {
    const stem = pattern.slice(0, -1);
    return [`${stem}x`, `${stem}models.json`, stem.slice(0, -1) || '/'];
  }
  return [pattern, `${pattern}/`, `${pattern}?q=1`];
}

/** A host that the pattern means, in any case, with and without port, and near misses. */
function hostsOf(pattern: string, port: number): string[] {
  if (!pattern.startsWith('*')) return [pattern.toUpperCase(), `${pattern}:${port}`, `x${pattern}`];
  const name = `a${pattern.slice(1)}`;
  return [name, `${name}:${port}`, `${name}.evil.test`];
}

/** None, one that satisfies everything, and the ways in which one may fall short. */
function tokensOf(story: MeshStory, rules: readonly HttpRule[]): (Token | undefined)[] {
  const declared = [...story.tokens, ...rules.flatMap(({ jwt }) => jwt ?? [])];
  const subjects = peersIn(story).filter((peer) => peer.kind === 'subject');
  const asked: readonly TokenRule[] = [
    ...declared.map((one) => ({ subjects: [], ...one })),
    ...subjects.map(({ issuer, subject }) => ({
      ...{ issuer, subjects: [subject], audiences: [], claims: {} },
    })),
  ];
  if (asked.length === 0) return [undefined];
  const claims = Object.fromEntries(
    asked.flatMap((one) =>
      Object.keys(one.claims).map((name) => [
        name,
        asked.flatMap((other) => other.claims[name] ?? []),
      ]),
    ),
  );
  const audiences = [...new Set(asked.flatMap((one) => one.audiences))];
  const issuers = [...new Set(asked.map(({ issuer }) => issuer))];
  const names = [...new Set(['zoe', ...asked.flatMap((one) => one.subjects)])];
  const tokens = issuers.flatMap((issuer): Token[] => {
    const good = { issuer, subject: names[1] ?? 'zoe', audiences, claims, valid: true };
    return [
      good,
      ...names.map((subject) => ({ ...good, subject })),
      ...asked.map((one) => ({ ...good, claims: firstOf(one.claims) })),
      ...audiences.map((one) => ({ ...good, audiences: [one] })),
      { ...good, audiences: ['other'] },
      { ...good, claims: {} },
      { ...good, valid: false },
    ];
  });
  return [undefined, ...tokens, { ...(tokens[0] as Token), issuer: 'https://evil.test' }];
}

/** One value of each claim: what satisfies this rule and perhaps no other. */
function firstOf(claims: Readonly<Record<string, readonly string[]>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).map(([name, [value]]) => [name, value]));
}
