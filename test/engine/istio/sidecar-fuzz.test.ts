/** The engine against the naive evaluator, over random meshes of sidecars. */
import * as fc from 'fast-check';
import { decideRequest } from '../../../src/engine/istio/decide';
import { meshAllows } from '../../naive/istio';
import type { MeshRequest } from '../../naive/istio-world';
import { meshWorld } from '../../naive/istio-world';
import type { Manifest } from '../../naive/load-yaml';
import {
  authorizationPolicy,
  meshRequest,
  peerAuthentications,
  requestAuthentications,
} from './arbitrary';
import { askSet, engineRequest, policiesAt, sidecarOf } from './asking';

interface Case {
  readonly manifests: readonly Manifest[];
  readonly requests: readonly MeshRequest[];
  readonly says: boolean;
}

const mesh: fc.Arbitrary<Case> = fc.record({
  manifests: fc
    .tuple(
      fc.array(authorizationPolicy, { maxLength: 4 }),
      peerAuthentications(),
      requestAuthentications,
    )
    .map((all) => all.flat()),
  requests: fc.array(meshRequest, { minLength: 4, maxLength: 8 }),
  says: fc.constantFrom(true, true, false),
});

type Counts = Map<string, number>;

function compare({ manifests, requests, says }: Case, counts: Counts): void {
  const world = meshWorld(manifests);
  for (const request of requests) {
    const naive = meshAllows(world, request, says);
    const { to, port } = request;
    const at = { port, isHttp: to.httpPorts.includes(port) };
    const policies = policiesAt(manifests, sidecarOf(to), at);
    const asked = engineRequest(request, says);
    const decision = decideRequest(policies, asked);
    count(counts, decision.verdict, ...featuresOf(manifests, request), `by ${decision.by.kind}`);
    if (decision.verdict === 'UNKNOWN') {
      // only the address of a pod that has none is ever missing
      expect(decision.missing.map(({ fact }) => fact)).not.toHaveLength(0);
      expect([...new Set(decision.missing.map(({ fact }) => fact))]).toEqual(['pod-address']);
      expect(asked.caller.addresses).toEqual([]);
    } else {
      expect({ allowed: decision.verdict === 'ALLOWED', request }).toEqual({
        allowed: naive,
        request,
      });
    }
    expect({ set: askSet(policies, asked) ?? decision.verdict, request }).toEqual({
      set: decision.verdict,
      request,
    });
    const open = { ...policies, isHttp: undefined };
    const either = decideRequest(open, asked).verdict;
    const inSet = askSet(open, asked);
    if (inSet !== undefined) expect({ set: inSet, request }).toEqual({ set: either, request });
    count(counts, `protocol unknown: ${either}`);
  }
}

function featuresOf(manifests: readonly Manifest[], { from, plaintext, jwt }: MeshRequest) {
  const text = JSON.stringify(manifests);
  const names = [...text.matchAll(/"(\w+|request\.auth[^"]*|source\.\w+|destination\.port)":?/g)];
  return [
    ...new Set(names.map(([, name = '']) => name)),
    ...(plaintext ? ['plaintext'] : []),
    ...(jwt ? [`token ${jwt.valid ? 'valid' : 'invalid'}`] : []),
    ...('namespace' in from ? [] : ['from an address']),
  ];
}

function count(counts: Counts, ...names: readonly string[]): void {
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
}

const FEATURES = [
  ...['ALLOWED', 'DENIED', 'UNKNOWN', 'ALLOW', 'DENY', 'CUSTOM', 'AUDIT', 'targetRefs'],
  ...['principals', 'namespaces', 'serviceAccounts', 'trustDomains', 'ipBlocks'],
  ...['notPrincipals', 'notNamespaces', 'notServiceAccounts', 'notTrustDomains', 'notIpBlocks'],
  ...['requestPrincipals', 'notRequestPrincipals', 'methods', 'notMethods', 'paths', 'notPaths'],
  ...['hosts', 'notHosts', 'ports', 'notPorts', 'portLevelMtls', 'STRICT', 'DISABLE', 'jwtRules'],
  ...['source.ip', 'source.namespace', 'source.principal', 'source.serviceAccount'],
  ...['destination.port', 'request.auth.principal', 'request.auth.audiences'],
  ...['request.auth.presenter', 'request.auth.claims[groups]', 'request.auth.claims[scope]'],
  ...['plaintext', 'token valid', 'token invalid', 'from an address'],
  ...['by not-captured', 'by mtls-strict', 'by token-refused', 'by authorizer', 'by rule'],
  ...['by no-allow-policy', 'by not-listed', 'by missing-fact', 'protocol unknown: UNKNOWN'],
];

function fuzz(seed: number, numRuns: number): Counts {
  const counts: Counts = new Map();
  fc.assert(
    fc.property(mesh, (one) => compare(one, counts)),
    { seed, numRuns },
  );
  return counts;
}

test('a sidecar lets through what the naive evaluator lets through, with every feature met', () => {
  const counts = fuzz(20260101, 1500);
  expect(FEATURES.filter((feature) => (counts.get(feature) ?? 0) < 10)).toEqual([]);
}, 120_000);

const { FUZZ_SEED, FUZZ_RUNS = 300 } = process.env;
const seed = FUZZ_SEED === undefined ? Date.now() % 2 ** 31 : Number(FUZZ_SEED);
process.stdout.write(`test/engine/istio/sidecar-fuzz: FUZZ_SEED=${String(seed)}\n`);

test('a sidecar lets through what the naive evaluator lets through, from a fresh seed', () => {
  fuzz(seed, Number(FUZZ_RUNS));
}, 600_000);
