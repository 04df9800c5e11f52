/** Random meshes around a few pods: every field, key and shape that policies have. */
import * as fc from 'fast-check';
import {
  authorization,
  bert,
  modelApi,
  notebook,
  peerAuthentication,
  prometheus,
  requestAuthentication,
} from '../naive/istio-story';
import type { MeshPod, MeshRequest, Token } from '../naive/istio-world';
import type { Manifest } from '../naive/load-yaml';
import type { Address } from '../naive/world';

export const ROOT = 'istio-system';

const gateway: MeshPod = {
  namespace: ROOT,
  name: 'ingress',
  serviceAccount: 'ingress',
  labels: { istio: 'ingressgateway' },
  inMesh: true,
  httpPorts: [8080],
  ip: '10.0.9.10',
};
const nowhere: MeshPod = { ...bert, name: 'pending', ip: undefined };
const dualStack: MeshPod = { ...notebook, name: 'dual', ips: ['10.0.2.12', '2001:db8::12'] };
export const CALLERS: readonly (MeshPod | Address)[] = [
  bert,
  notebook,
  prometheus,
  gateway,
  modelApi,
  nowhere,
  dualStack,
  { ip: '198.51.100.7' },
  { ip: '2001:db8::7' },
];
export const TARGETS: readonly MeshPod[] = [
  modelApi,
  { ...modelApi, labels: { app: 'other' }, name: 'other' },
  gateway,
];

const VALUES: Readonly<Record<string, readonly string[]>> = {
  principals: [
    '*',
    'cluster.local/ns/ml-training/sa/bert',
    '*/sa/bert',
    'cluster.local/ns/ml-training/*',
    'other/*',
  ],
  namespaces: ['ml-training', 'ml-*', '*-training', 'm*t*g', 'llm-serving', '*', ROOT, 'ml'],
  serviceAccounts: ['ml-training/bert', 'model-api', 'bert', 'ml-training/notebook'],
  trustDomains: ['cluster.local', '*', 'cluster*', '*local', 'other'],
  ipBlocks: ['10.0.2.0/24', '10.0.2.10', '0.0.0.0/0', '198.51.100.7', '2001:db8::/32', '::/0'],
  requestPrincipals: [
    '*',
    'https://idp.test/*',
    'https://idp.test/alice',
    '*/alice',
    '*alice',
    'https://idp*',
    'https://idp.test/al*',
    'https*',
    'other/*',
  ],
  methods: ['GET', 'POST', 'get', 'P*', '*T', '*'],
  paths: [
    '/v1/models',
    '/v1/*',
    '*/models',
    '*',
    '/v1/{*}',
    '/{**}',
    '/v2/models/{*}/infer',
    '/v2/{**}/infer',
    '/a/*/b',
  ],
  hosts: ['models.test', 'MODELS.test', '*.test', 'models.*', '*', 'models.test:8080'],
  ports: ['8080', '9000', '80', '0'],
};

const KEYS: Readonly<Record<string, readonly string[]>> = {
  'source.ip': VALUES.ipBlocks ?? [],
  'source.namespace': VALUES.namespaces ?? [],
  'source.principal': VALUES.principals ?? [],
  'source.serviceAccount': VALUES.serviceAccounts ?? [],
  'destination.port': VALUES.ports ?? [],
  'request.auth.principal': VALUES.requestPrincipals ?? [],
  'request.auth.audiences': ['scoring', 'sc*', 'other'],
  'request.auth.presenter': ['cli', '*'],
  'request.auth.claims[groups]': ['ml', 'm*', '*', 'ops'],
  'request.auth.claims[realm][roles]': ['admin', '*'],
  'request.auth.claims[scope]': ['read', 'write', 'read write'],
  'request.auth.claims[level]': ['1', '*'],
};

const IDENTITY = ['principals', 'namespaces', 'serviceAccounts', 'trustDomains', 'ipBlocks'];
const SOURCE = [...IDENTITY, 'requestPrincipals', 'requestPrincipals'];
const OPERATION = ['methods', 'paths', 'hosts', 'ports'];

const listed = (values: readonly string[] = []): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 });

const fields = (names: readonly string[]): fc.Arbitrary<Record<string, string[]>> =>
  fc
    .uniqueArray(fc.tuple(fc.constantFrom(...names), fc.boolean()), {
      minLength: 1,
      maxLength: 2,
      selector: ([name, negative]) => `${name}${String(negative)}`,
    })
    .chain((chosen) =>
      fc
        .tuple(...chosen.map(([name]) => listed(VALUES[name])))
        .map((lists) =>
          Object.fromEntries(
            chosen.map(([name, negative], index) => [
              negative ? `not${name.charAt(0).toUpperCase()}${name.slice(1)}` : name,
              lists[index] ?? [],
            ]),
          ),
        ),
    );

const condition = (keys: readonly string[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.constantFrom(...keys).chain((key) =>
    fc
      .record({ values: fc.option(listed(KEYS[key])), notValues: fc.option(listed(KEYS[key])) })
      .map(({ values, notValues }) => ({
        key,
        ...((values ?? notValues) ? {} : { values: KEYS[key]?.slice(0, 1) }),
        ...(values === null ? {} : { values }),
        ...(notValues === null ? {} : { notValues }),
      })),
  );

export interface RuleChoice {
  readonly source: readonly string[];
  readonly operation: readonly string[];
  readonly keys: readonly string[];
}

export const EVERY_FIELD: RuleChoice = {
  source: SOURCE,
  operation: OPERATION,
  keys: Object.keys(KEYS),
};
/** What ztunnel knows, but for what it reads otherwise than Envoy. */
export const BYTES_ONLY: RuleChoice = {
  source: ['principals', 'namespaces', 'serviceAccounts', 'ipBlocks'],
  operation: ['ports'],
  keys: ['source.ip', 'source.namespace', 'source.principal', 'destination.port'],
};

export const rule = ({ source, operation, keys }: RuleChoice) =>
  fc.record(
    {
      from: fc.array(
        fields(source).map((one) => ({ source: one })),
        { maxLength: 2 },
      ),
      to: fc.array(
        fields(operation).map((one) => ({ operation: one })),
        { maxLength: 2 },
      ),
      when: fc.array(condition(keys), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  );

const selector = fc.constantFrom(
  undefined,
  {},
  { matchLabels: {} },
  { matchLabels: { app: 'model-api' } },
  { matchLabels: { app: 'model-api' } },
  { matchLabels: { app: 'other' } },
);

/** Mostly where it matters. */
const home = fc.oneof(
  { weight: 6, arbitrary: fc.constant('llm-serving') },
  { weight: 2, arbitrary: fc.constant(ROOT) },
  { weight: 1, arbitrary: fc.constant('ml-training') },
);

/** CUSTOM rules know neither identities nor tokens. */
const CUSTOM: RuleChoice = {
  source: ['ipBlocks'],
  operation: OPERATION,
  keys: ['source.ip', 'destination.port'],
};

const action = fc.constantFrom(
  ...['ALLOW', 'ALLOW', 'ALLOW', undefined, 'DENY', 'DENY', 'CUSTOM', 'CUSTOM', 'AUDIT'],
);

export const authorizationPolicy: fc.Arbitrary<Manifest> = action
  .chain((chosen) =>
    fc.record({
      chosen: fc.constant(chosen),
      home,
      selector,
      rules: fc.array(rule(chosen === 'CUSTOM' ? CUSTOM : EVERY_FIELD), {
        maxLength: 3,
        size: '+1',
      }),
      dryRun: fc.constantFrom(
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
        'true',
        'false',
      ),
      target: fc.integer({ min: 0, max: 9 }).map((it) => it === 0),
    }),
  )
  .map(({ chosen, home: namespace, selector: selects, rules, dryRun, target }) =>
    authorization(
      {
        ...(chosen === undefined ? {} : { action: chosen }),
        ...(chosen === 'CUSTOM' ? { provider: { name: 'opa' } } : {}),
        ...(target
          ? { targetRefs: [{ kind: 'Service', group: '', name: 'model-api' }] }
          : selects && { selector: selects }),
        rules,
      },
      { namespace, ...(dryRun && { annotations: { 'istio.io/dry-run': dryRun } }) },
    ),
  );

const mode = fc.constantFrom('UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT', undefined);

export const peerAuthentications = (modes: typeof mode = mode): fc.Arbitrary<Manifest[]> =>
  fc.array(fc.record({ home, selector, mode: modes, port: modes }), { maxLength: 3 }).map((all) =>
    all.map(({ home: namespace, selector: selects, mode: whole, port }, index) =>
      peerAuthentication(
        {
          ...(selects && { selector: selects }),
          ...(whole && { mtls: { mode: whole } }),
          ...(port &&
            Object.keys(selects?.matchLabels ?? {}).length > 0 && {
              portLevelMtls: { '8080': { mode: port } },
            }),
        },
        { namespace, name: `mtls-${index}`, creationTimestamp: `2026-01-0${9 - index}` },
      ),
    ),
  );

export const requestAuthentications: fc.Arbitrary<Manifest[]> = fc
  .array(
    fc.record({
      home,
      selector,
      issuer: fc.constantFrom('https://idp.test', 'https://idp.test', 'https://other.test'),
      audiences: fc.constantFrom(undefined, undefined, undefined, ['scoring'], ['other']),
    }),
    { maxLength: 2 },
  )
  .map((all) =>
    all.map(({ home: namespace, selector: selects, issuer, audiences }) =>
      requestAuthentication(
        { ...(selects && { selector: selects }), jwtRules: [{ issuer, audiences }] },
        namespace,
      ),
    ),
  );

const token: fc.Arbitrary<Token> = fc.record(
  {
    issuer: fc.constantFrom('https://idp.test', 'https://idp.test', 'https://other.test'),
    valid: fc.constantFrom(true, true, true, true, true, true, true, false),
    subject: fc.constantFrom('alice', 'bob', ''),
    audiences: fc.constantFrom(['scoring'], ['other', 'scoring'], []),
    claims: fc.constantFrom<Record<string, unknown>>(
      { groups: ['ml', 'ops'], azp: 'cli' },
      { groups: 'ml', scope: 'read write', realm: { roles: ['admin'] } },
      { level: 1, groups: true },
    ),
  },
  { requiredKeys: ['issuer', 'valid'] },
);

export const meshRequest: fc.Arbitrary<MeshRequest> = fc.record({
  from: fc.constantFrom(...CALLERS),
  to: fc.constantFrom(modelApi, modelApi, modelApi, ...TARGETS),
  port: fc.constantFrom(8080, 8080, 8080, 8080, 8080, 9000, 9000, 80, 15020),
  plaintext: fc.constantFrom(false, false, false, true),
  method: fc.constantFrom('GET', 'POST', 'PUT', 'get'),
  path: fc.constantFrom(
    '/v1/models',
    '/v1/models?x=/y',
    '/v1/',
    '/v1',
    '/v2/models/bert/infer',
    '/v2//infer',
    '/a/*/b',
    '/',
  ),
  host: fc.constantFrom('models.test', 'Models.TEST', 'models.test:8080', 'other', ''),
  jwt: fc.option(token, { nil: undefined }),
});

/** Policies of a mesh of sidecars, and requests to judge by them. */
export interface MeshCase {
  readonly manifests: readonly Manifest[];
  readonly requests: readonly MeshRequest[];
  /** Whether an external authorizer lets requests through. */
  readonly says: boolean;
}

export function meshCase(requests: {
  readonly minLength: number;
  readonly maxLength: number;
}): fc.Arbitrary<MeshCase> {
  return fc.record({
    manifests: fc
      .tuple(
        fc.array(authorizationPolicy, { minLength: 1, maxLength: 5, size: '+1' }),
        peerAuthentications(),
        requestAuthentications,
      )
      .map((all) => all.flat()),
    requests: fc.array(meshRequest, requests),
    says: fc.constantFrom(true, true, false),
  });
}
