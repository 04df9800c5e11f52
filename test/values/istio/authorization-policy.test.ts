import { problems } from './manifests';

const check = (spec: unknown) => problems('AuthorizationPolicy', spec);
const rule = (part: unknown) => check({ rules: [part] });
const from = (source: unknown) => rule({ from: [{ source }] });
const to = (operation: unknown) => rule({ to: [{ operation }] });
const when = (key: string, ...values: string[]) => rule({ when: [{ key, values }] });

test('accepts a caller, its requests and a claim', () => {
  const spec = {
    selector: { matchLabels: { app: 'scorer' } },
    rules: [
      {
        from: [{ source: { requestPrincipals: ['https://idp.example.com/*'] } }],
        to: [
          { operation: { methods: ['POST'], paths: ['/v2/models/{*}/infer'], ports: ['8080'] } },
        ],
        when: [{ key: 'request.auth.claims[aud]', values: ['scoring-api'] }],
      },
    ],
  };
  expect(check(spec)).toEqual([]);
});

test('accepts allow-nothing and allow-everything, warns of an empty selector (AP-V1)', () => {
  expect(check({})).toEqual([]);
  expect(check({ rules: [{}] })).toEqual([]);
  expect(check({ selector: {} })).toEqual(['warning webhook spec.selector']);
});

test('attaches by selector or targetRef, not both (AP-V1)', () => {
  const waypoint = {
    kind: 'GatewayClass',
    group: 'gateway.networking.k8s.io',
    name: 'istio-waypoint',
  };
  expect(check({ targetRefs: [waypoint] })).toEqual([]);
  expect(check({ targetRefs: [{ group: '', kind: 'Service', name: 'scorer' }] })).toEqual([]);
  expect(check({ targetRefs: [{ kind: 'Deployment', group: 'apps', name: 'scorer' }] })).toEqual([
    'error webhook spec.targetRefs[0]',
  ]);
  const both = { targetRefs: [waypoint], selector: { matchLabels: { app: 'scorer' } } };
  expect(check(both)).toEqual(['error webhook spec']);
});

test('DENY and CUSTOM need rules, CUSTOM a provider and no identity (AP-V2 to AP-V5)', () => {
  expect(check({ action: 'DENY' })).toEqual(['error webhook spec.rules']);
  expect(check({ action: 'DENY', rules: [] })).toEqual(['error webhook spec.rules']);
  expect(check({ action: 'CUSTOM', rules: [{}] })).toEqual(['error webhook spec.provider.name']);
  expect(check({ provider: { name: 'ext-authz' } })).toEqual(['error webhook spec.provider']);
  const provider = { name: 'ext-authz' };
  const rules = [
    {
      from: [{ source: { principals: ['*'], ipBlocks: ['10.0.0.0/8'] } }],
      when: [{ key: 'request.auth.principal', values: ['*'] }],
    },
  ];
  expect(check({ action: 'CUSTOM', provider, rules })).toEqual([
    'error webhook spec.rules[0].from[0].source.principals',
    'error webhook spec.rules[0].when[0].key',
  ]);
});

test('fails for empty parts of a rule, which would mean anybody (AP-V6)', () => {
  expect(rule({ from: [] })).toEqual(['error webhook spec.rules[0].from']);
  expect(rule({ to: [{}] })).toEqual(['error webhook spec.rules[0].to[0].operation']);
  expect(from({ principals: [] })).toEqual(['error webhook spec.rules[0].from[0].source']);
});

test('service accounts stand alone, at most 16, without wildcard (AP-V7, AP-V8)', () => {
  expect(from({ serviceAccounts: ['batch/runner', 'runner'] })).toEqual([]);
  const both = from({ serviceAccounts: ['batch/runner'], namespaces: ['batch'] });
  expect(both).toEqual(['error webhook spec.rules[0].from[0].source']);
  const list = 'spec.rules[0].from[0].source.serviceAccounts';
  for (const name of ['', '*', 'batch/*', 'batch/', '/runner', 'a/b/c']) {
    expect(from({ serviceAccounts: [name] })).toEqual([`error webhook ${list}[0]`]);
  }
  const many = Array.from({ length: 17 }, (_, index) => `batch/runner-${index}`);
  expect(from({ serviceAccounts: many })).toEqual([`error webhook ${list}`]);
});

test('addresses are strict, zero passes as port (AP-V9, AP-V12)', () => {
  expect(from({ ipBlocks: ['10.0.0.1', '10.0.0.0/8', 'fd00::/8'] })).toEqual([]);
  expect(from({ remoteIpBlocks: ['010.0.0.1', '10.0.0.0/33'] })).toHaveLength(2);
  expect(to({ ports: ['0', '65535'] })).toEqual([]);
  expect(to({ notPorts: ['65536', 'http', ''] })).toHaveLength(3);
});

test('trust domains have a wildcard at one end at most (AP-V11)', () => {
  expect(from({ trustDomains: ['cluster.local', '*', '*.local', 'cluster.*'] })).toEqual([]);
  expect(from({ notTrustDomains: ['c*l', '*a*', 'a/b'] })).toHaveLength(3);
});

test('templates are whole segments, {**} the last of them (AP-V13)', () => {
  expect(to({ paths: ['/v1/*', '/v2/models/{*}/infer', '/files/{**}', '/{**}/infer'] })).toEqual(
    [],
  );
  for (const path of ['/{model}', '/a{*}', '/{**}/{*}', '/a b/{*}', '/a//{*}', '']) {
    expect(to({ paths: [path] })).toEqual(['error webhook spec.rules[0].to[0].operation.paths[0]']);
  }
});

test('conditions have known keys and fitting values (AP-V14, AP-V15)', () => {
  expect(when('request.headers[x-token]', 'a')).toEqual([]);
  expect(when('destination.port', '8080')).toEqual([]);
  expect(when('destination.port', 'http')).toEqual([
    'error webhook spec.rules[0].when[0].values[0]',
  ]);
  expect(when('request.headers', 'a')).toEqual(['error webhook spec.rules[0].when[0].key']);
  expect(when('destination.labels[app]', 'a')).toEqual(['error webhook spec.rules[0].when[0].key']);
  expect(when('source.principal')).toEqual(['error webhook spec.rules[0].when[0]']);
});

test('warns of a DENY rule that denies all TCP (AP-V16)', () => {
  const deny = (operation: unknown) => check({ action: 'DENY', rules: [{ to: [{ operation }] }] });
  expect(deny({ paths: ['/admin'] })).toEqual(['warning webhook spec.rules[0]']);
  expect(deny({ paths: ['/admin'], ports: ['8080'] })).toEqual([]);
});

test('fails for identities beyond the limits of the CRD', () => {
  const rules = Array.from({ length: 513 }, () => ({}));
  expect(check({ rules })).toEqual(['error crd spec.rules']);
});
