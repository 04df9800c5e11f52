/** The engine against the naive evaluator of an ambient mesh, without NetworkPolicies. */
import * as fc from 'fast-check';
import {
  allowedDirectly,
  allowedThroughWaypoint,
  decideDirectly,
  decideThroughWaypoint,
  waypointOf,
} from '../../src/engine/istio/ambient';
import type { AmbientTarget } from '../../src/engine/istio/ambient';
import { allowedByWays } from '../../src/engine/istio/combine';
import { acceptsToken } from '../../src/engine/istio/request-authentication';
import { valuesOfRequest } from '../../src/engine/istio/tokens';
import { requestMatches } from '../../src/engine/http/requests';
import type { Resource } from '../../src/read/resource';
import type { AmbientWorld } from '../naive/istio-ambient';
import { ambientAllows } from '../naive/istio-ambient';
import { authorization, modelApi, requestAuthentication } from '../naive/istio-story';
import type { MeshRequest } from '../naive/istio-world';
import { meshWorld } from '../naive/istio-world';
import type { Manifest } from '../naive/load-yaml';
import {
  BYTES_ONLY,
  EVERY_FIELD,
  meshRequest,
  peerAuthentications,
  ROOT,
  rule,
} from './istio-arbitrary';
import { FRESH_SEED, NO_TIME_LIMIT, report, worldsOf } from './worlds';
import { engineRequest, policiesAt, TRUST_DOMAIN } from '../engine/istio/asking';

const HOME = 'llm-serving';
const SERVICE_PORT = 80;

const atPods = fc.constantFrom('ALLOW', 'ALLOW', 'DENY').chain((action) =>
  fc
    .record({
      namespace: fc.constantFrom(HOME, HOME, ROOT),
      selector: fc.constantFrom(undefined, { matchLabels: { app: 'model-api' } }),
      rules: fc.array(fc.oneof(rule(EVERY_FIELD), rule(BYTES_ONLY)), { maxLength: 3 }),
    })
    .map(({ namespace, selector, rules }) =>
      authorization({ action, ...(selector && { selector }), rules }, { namespace }),
    ),
);

const onlyWaypoint = authorization({
  rules: [{ from: [{ source: { serviceAccounts: ['llm-serving/waypoint'] } }] }],
});

const target = fc.constantFrom(
  { kind: 'Service', group: '', name: 'model-api' },
  { kind: 'Service', group: '', name: 'other' },
  { kind: 'Gateway', group: 'gateway.networking.k8s.io', name: 'waypoint' },
);

const atWaypoint = fc
  .record({
    action: fc.constantFrom('ALLOW', 'ALLOW', 'DENY'),
    target,
    rules: fc.array(rule(EVERY_FIELD), { maxLength: 3 }),
  })
  .map((one) => authorization({ action: one.action, targetRefs: [one.target], rules: one.rules }));

const tokensAtWaypoint = target.map((one) =>
  requestAuthentication({ targetRefs: [one], jwtRules: [{ issuer: 'https://idp.test' }] }),
);

const gateway: Manifest = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: { name: 'waypoint', namespace: HOME },
  spec: { gatewayClassName: 'istio-waypoint' },
};

interface Story {
  readonly manifests: readonly Manifest[];
  readonly hasWaypoint: boolean;
  readonly request: MeshRequest;
}

const story: fc.Arbitrary<Story> = fc.record({
  manifests: fc
    .tuple(
      fc.constantFrom([onlyWaypoint], []),
      fc.array(atPods, { maxLength: 2 }),
      fc.array(atWaypoint, { maxLength: 3 }),
      fc.array(tokensAtWaypoint, { maxLength: 1 }),
      peerAuthentications(fc.constantFrom('UNSET', 'PERMISSIVE', 'STRICT', 'DISABLE', undefined)),
    )
    .map((all) => all.flat()),
  hasWaypoint: fc.constantFrom(true, true, true, false),
  request: meshRequest.map((one) => ({ ...one, to: modelApi, port: 8080 })),
});

function naiveAnswer({ manifests, hasWaypoint, request }: Story): boolean {
  const world: AmbientWorld = {
    network: {
      namespaces: { [HOME]: { labels: { 'istio.io/use-waypoint': 'waypoint' } } },
      pods: [],
      policies: [],
    },
    mesh: meshWorld(manifests),
    manifests: hasWaypoint ? [gateway] : [],
    services: [
      {
        namespace: HOME,
        name: 'model-api',
        pod: 'model-api',
        ports: [{ port: SERVICE_PORT, targetPort: 8080 }],
      },
    ],
  };
  return ambientAllows(world, request);
}

function targetOf({ manifests, hasWaypoint }: Story): AmbientTarget {
  const { namespace, labels } = modelApi;
  const pod = { proxy: 'ztunnel', namespace, labels: labels ?? {}, rootNamespace: ROOT } as const;
  const ztunnel = policiesAt(manifests, pod, { port: 8080, isHttp: true });
  const namespaces = [
    {
      name: HOME,
      labels: { 'istio.io/use-waypoint': 'waypoint' },
      labelsKnown: true,
      annotations: {},
    },
  ];
  const resource = { ...gateway, ...gateway.metadata, object: gateway } as unknown as Resource;
  const others = hasWaypoint ? [resource] : [];
  const waypoint = waypointOf({ namespaces, others }, { namespace, labels: {} }, TRUST_DOMAIN);
  if (waypoint === undefined) return { ztunnel };
  const services = [{ namespace: HOME, name: 'model-api' }];
  const { name, identity } = waypoint;
  const point = {
    proxy: 'waypoint',
    namespace: HOME,
    name,
    services,
    rootNamespace: ROOT,
  } as const;
  const port = policiesAt(manifests, point, { port: SERVICE_PORT, isHttp: true });
  return { ztunnel, waypoint: { identity, addresses: [], ports: [port] } };
}

type Counts = Record<'ALLOWED' | 'DENIED' | 'UNKNOWN' | 'direct' | 'waypoint', number>;

function compare(one: Story, counts: Counts): void {
  const expected = naiveAnswer(one);
  const ambient = targetOf(one);
  const request = engineRequest(one.request, true);
  const direct = decideDirectly(ambient, request).verdict;
  const ways = decideThroughWaypoint(ambient, request).map(({ atWaypoint: a, atZtunnel: b }) => {
    const both = [a.verdict, b.verdict];
    if (both.includes('DENIED')) return 'DENIED';
    return both.includes('UNKNOWN') ? 'UNKNOWN' : 'ALLOWED';
  });
  const all = [direct, ...ways];
  const other = all.includes('UNKNOWN') ? 'UNKNOWN' : 'DENIED';
  const verdict = all.includes('ALLOWED') ? 'ALLOWED' : other;
  counts[verdict] += 1;
  if (direct === 'ALLOWED') counts.direct += 1;
  else if (verdict === 'ALLOWED') counts.waypoint += 1;
  if (verdict !== 'UNKNOWN') expect(verdict === 'ALLOWED').toBe(expected);

  const rules = ambient.waypoint?.ports[0]?.tokens;
  if (request.token && rules?.rules.length && !acceptsToken(rules, request.token)) return;
  const { allowed, possible } = allowedByWays([
    allowedDirectly(ambient, request.caller),
    allowedThroughWaypoint(ambient, request.caller),
  ]);
  const hasValue = valuesOfRequest(request);
  const inAllowed = requestMatches(allowed, request, hasValue) === true;
  expect(inAllowed).toBe(verdict === 'ALLOWED');
  expect(requestMatches(possible, request, hasValue) === false).toBe(verdict === 'DENIED');
}

function fuzz(seed: number): Counts {
  const counts = { ALLOWED: 0, DENIED: 0, UNKNOWN: 0, direct: 0, waypoint: 0 };
  const start = Date.now();
  const numRuns = worldsOf('ambient');
  try {
    fc.assert(
      fc.property(story, (one) => compare(one, counts)),
      { seed, numRuns },
    );
  } finally {
    report('ambient', seed, numRuns, start);
  }
  return counts;
}

jest.setTimeout(NO_TIME_LIMIT);

describe('an ambient mesh lets through what the naive evaluator lets through', () => {
  test('for the same meshes each time, with every answer met', () => {
    expect(Object.values(fuzz(20260102)).filter((count) => count < 20)).toEqual([]);
  });

  test('for meshes that no test saw before', () => {
    fuzz(FRESH_SEED);
  });
});
