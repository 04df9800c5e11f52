// Hostile bytes: random ones, and valid files that were cut, repeated, spliced and damaged. Whatever
// they are, reading ends soon, throws nothing, and every position it names lies in the text.
// `npm run fuzz:read` goes on for a minute with another seed; a failure prints its input.

import { clusterOf } from '../../src/read/cluster-of';
import { readBytes } from '../../src/read/read-text';
import { combine } from '../../src/read/result';

const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 0);
const SEED = Number(process.env['FUZZ_SEED'] ?? (SECONDS > 0 ? Date.now() % 2 ** 31 : 7));
const RUNS = 400;
/** One small input; generous, since machines differ. */
const LIMIT_MS = 2000;

const SEEDS = [
  `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: np, namespace: ml, labels: {__proto__: x, constructor: y}}
spec:
  podSelector: {matchExpressions: [{key: a, operator: In, values: [x, "y"]}]}
  policyTypes: [Ingress, Egress]
  ingress: &rules
    - from: [{namespaceSelector: {}, podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8}}]
      ports: [{port: 80, endPort: 90}, {port: http, protocol: UDP}]
  egress: *rules
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: cnp}
spec: {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: [{action: Deny, to: [{nodes: {}}]}]}
`,
  `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Pod
    metadata: {name: p, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: r-1}]}
    spec: {containers: [{name: c, ports: [{containerPort: 80}]}]}
    status: {podIP: 10.0.0.1}
  - <<: &base {apiVersion: security.istio.io/v1}
    kind: AuthorizationPolicy
    metadata: {name: ap}
    spec: {rules: [{from: [{source: {principals: ["*"]}}]}]}
  - apiVersion: ray.io/v1
    kind: RayCluster
    metadata: {name: ray}
    spec: {headGroupSpec: {template: {}}, workerGroupSpecs: [{groupName: w}]}
`,
  '{"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"ports":[{"port":1}]}}',
  '{"record":"model","schema":1}\n{"record":"workload","namespace":"a","name":"b","labels":{},"ports":[{}],"services":[{}],"variants":{"v":1}}\n',
].map((text) => Buffer.from(text));

const TOKENS = [
  ...['---\n', '...\n', '%TAG ! x\n', '&a ', '*a', '<<: ', '? ', ': ', '- ', '|\n', '>-\n', '!!'],
  ...['[', ']', '{', '}', '"', "'", '\t', '\r\n', '\r', '\0', '\uFEFF', '\uFFFD', '#', '@', '`'],
  ...['null', '~', '0x', '1e999', '.nan', '__proto__: ', 'items: ', 'kind: List\n', '\u2028'],
].map((token) => Buffer.from(token));

/** Mulberry32: the same inputs for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function inputOf(random: (below: number) => number): Buffer {
  if (random(8) === 0) return Buffer.from(Array.from({ length: random(2000) }, () => random(256)));
  const pick = (from: readonly Buffer[]): Buffer => from[random(from.length)] ?? Buffer.alloc(0);
  let bytes = pick(SEEDS);
  for (let step = random(8); step >= 0; step -= 1) {
    const [a, b] = [random(bytes.length + 1), random(bytes.length + 1)].sort((x, y) => x - y);
    const [head, middle, tail] = [bytes.subarray(0, a), bytes.subarray(a, b), bytes.subarray(b)];
    const inserts = [
      () => pick(TOKENS),
      () => Buffer.concat(Array.from({ length: random(300) }, () => pick(TOKENS))),
      () => Buffer.concat(Array.from({ length: random(5) }, () => middle)),
      () => Buffer.from([random(256)]),
      () => pick(SEEDS),
      () => Buffer.alloc(0),
    ];
    const insert = inserts[random(inserts.length)]?.() ?? Buffer.alloc(0);
    bytes = Buffer.concat(random(2) === 0 ? [head, insert, tail] : [head, insert, middle, tail]);
    bytes = bytes.subarray(0, 65_536);
  }
  return bytes;
}

/** Milliseconds of this process since the call: what others do on the machine does not count. */
function cpuClock(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}

function check(bytes: Buffer): void {
  const spent = cpuClock();
  const read = combine([readBytes('in.yaml', bytes), readBytes('in.jsonl', bytes)]);
  const cluster = clusterOf(read);
  const lines = bytes.toString('utf8').split(/\r\n?|\n/).length;
  const places = [
    ...read.problems.map(({ at }) => at),
    ...read.resources.map((resource) => resource.locate(['spec', 'ingress', 0])),
    ...cluster.networkPolicies.flatMap(({ resource, unclear }) =>
      unclear.map(({ path }) => resource.locate(path)),
    ),
  ];
  for (const { line, column } of places) {
    expect(line).toBeGreaterThan(0);
    expect(column).toBeGreaterThan(0);
    // UTF-16 files count lines of their own
    if (bytes[0] !== 0xff && bytes[0] !== 0xfe) expect(line).toBeLessThanOrEqual(lines);
  }
  expect(spent()).toBeLessThan(LIMIT_MS);
}

it(
  'survives hostile bytes within bounded time',
  () => {
    const random = randomOf(SEED);
    const end = Date.now() + SECONDS * 1000;
    for (let run = 0; run < RUNS || Date.now() < end; run += 1) {
      const bytes = inputOf(random);
      try {
        check(bytes);
      } catch (error) {
        const input = bytes.toString('base64');
        throw new Error(`seed ${SEED}, run ${run}, input ${input}`, { cause: error });
      }
    }
  },
  SECONDS * 1000 + 60_000,
);

it.each<[string, Buffer]>([
  ['nested brackets', Buffer.from('['.repeat(1_000_000))],
  ['nested mappings', Buffer.from('{a: '.repeat(200_000))],
  ['nested dashes', Buffer.from('- '.repeat(500_000))],
  ['a long line', Buffer.from(`a: ${'x'.repeat(5_000_000)}`)],
  ['a long key', Buffer.from(`${'k'.repeat(1_000_000)}: 1`)],
  ['open quotes', Buffer.from(`a: "${'\\n'.repeat(500_000)}`)],
  ['many markers', Buffer.from('---\n'.repeat(200_000))],
  ['many anchors', Buffer.from('- &a x\n'.repeat(100_000))],
  ['many aliases', Buffer.from(`- &a x\n${'- *a\n'.repeat(100_000)}`)],
  ['many keys', Buffer.from(Array.from({ length: 100_000 }, (_, i) => `k${i}: 1\n`).join(''))],
  ['one key many times', Buffer.from('k: 1\n'.repeat(50_000))],
  ['many directives', Buffer.from(`${'%YAML 1.2\n'.repeat(20_000)}---\na: 1\n`)],
  ['many markers behind a directive', Buffer.from(`%A\n${'---\n%A\n'.repeat(20_000)}`)],
  ['empty lines', Buffer.from('\n'.repeat(2_000_000))],
  ['carriage returns', Buffer.from('a: 1\r'.repeat(200_000))],
  ['many broken documents', Buffer.from('a: [\n---\n'.repeat(5_000))],
  ['comments', Buffer.from('# c\n'.repeat(500_000))],
])('survives %s', (_, bytes) => {
  const spent = cpuClock();
  clusterOf(readBytes('in.yaml', bytes));
  expect(spent()).toBeLessThan(5000);
});
