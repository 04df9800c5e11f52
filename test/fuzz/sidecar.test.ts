/** The engine against the naive evaluator, over random meshes of sidecars. */
import * as fc from 'fast-check';
import { decideRequest } from '../../src/engine/istio/decide';
import { meshAllows } from '../naive/istio';
import type { MeshRequest } from '../naive/istio-world';
import { meshWorld } from '../naive/istio-world';
import type { Manifest } from '../naive/load-yaml';
import type { MeshCase } from './istio-arbitrary';
import { meshCase } from './istio-arbitrary';
import { FRESH_SEED, NO_TIME_LIMIT, report, worldsOf } from './worlds';
import { askSet, engineRequest, policiesAt, sidecarOf } from '../engine/istio/asking';

const mesh = meshCase({ minLength: 4, maxLength: 8 });

type Counts = Map<string, number>;

function compare({ manifests, requests, says }: MeshCase, counts: Counts): void {
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
    compareUnknown({ world, says, policies, asked }, request, counts);
  }
}

interface Question {
  readonly world: ReturnType<typeof meshWorld>;
  readonly says: boolean;
  readonly policies: ReturnType<typeof policiesAt>;
  readonly asked: ReturnType<typeof engineRequest>;
}

/** Where something is not known, an answer holds whatever it turns out to be. */
function compareUnknown(
  { world, says, policies, asked }: Question,
  request: MeshRequest,
  counts: Counts,
): void {
  const naive = (other: Partial<MeshRequest>) => meshAllows(world, { ...request, ...other }, says);
  const { to, port } = request;
  const open = { ...policies, isHttp: undefined };
  const protocol = decideRequest(open, asked).verdict;
  const inSet = askSet(open, asked);
  if (inSet !== undefined) expect({ set: inSet, request }).toEqual({ set: protocol, request });
  if (protocol !== 'UNKNOWN') {
    const both = [[port], []].map((httpPorts) => naive({ to: { ...to, httpPorts } }));
    expect({ both, request }).toEqual({ both: Array(2).fill(protocol === 'ALLOWED'), request });
  }
  const nobody = { ...asked, caller: { ...asked.caller, identity: 'unknown' as const } };
  const identity = decideRequest(policies, nobody).verdict;
  const byIdentity = askSet(policies, nobody) ?? identity;
  expect({ set: byIdentity, request }).toEqual({ set: identity, request });
  if (identity !== 'UNKNOWN') {
    const both = [true, false].map((plaintext) => naive({ plaintext }));
    expect({ both, request }).toEqual({ both: Array(2).fill(identity === 'ALLOWED'), request });
  }
  count(counts, `protocol unknown: ${protocol}`, `identity unknown: ${identity}`);
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
  ...['protocol unknown: ALLOWED', 'identity unknown: DENIED', 'identity unknown: UNKNOWN'],
];

function fuzz(seed: number): Counts {
  const counts: Counts = new Map();
  const start = Date.now();
  const numRuns = worldsOf('sidecar');
  try {
    fc.assert(
      fc.property(mesh, (one) => compare(one, counts)),
      { seed, numRuns },
    );
  } finally {
    report('sidecar', seed, numRuns, start);
  }
  return counts;
}

jest.setTimeout(NO_TIME_LIMIT);

describe('a sidecar lets through what the naive evaluator lets through', () => {
  test('for the same meshes each time, with every feature met', () => {
    const counts = fuzz(20260101);
    expect(FEATURES.filter((feature) => (counts.get(feature) ?? 0) < 10)).toEqual([]);
  });

  test('for meshes that no test saw before', () => {
    fuzz(FRESH_SEED);
  });
});
