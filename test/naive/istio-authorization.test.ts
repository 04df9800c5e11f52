/**
 * Does the naive mesh evaluator combine AuthorizationPolicies as Istio does? Titles carry the rows of
 * ../shared/knowledge/istio.md 1.
 */

import { meshAllows } from './istio';
import {
  allowing,
  allows,
  authorization,
  bert,
  denying,
  laptop,
  mesh,
  modelApi,
  notebook,
  operation,
  prometheus,
  source,
} from './istio-story';
import type { Manifest } from './load-yaml';

const custom = authorization({ action: 'CUSTOM', provider: { name: 'opa' }, rules: [{}] });

describe('order', () => {
  test('AP-02 everybody passes without an ALLOW policy', () => {
    expect(allows([])).toBe(true);
    expect(allows(denying(source({ principals: ['*/sa/notebook'] })))).toBe(true);
  });

  test('AP-02 with one, whoever it does not list is denied', () => {
    const policy = allowing(source({ serviceAccounts: ['ml-training/bert'] }));
    expect(allows(policy)).toBe(true);
    expect(allows(policy, { from: notebook })).toBe(false);
  });

  test('AP-02 DENY comes before ALLOW', () => {
    expect(allows([allowing({}), denying(operation({ methods: ['GET'] }))])).toBe(false);
    expect(allows([allowing({}), denying(operation({ methods: ['PUT'] }))])).toBe(true);
  });

  test('AP-02 CUSTOM asks its provider, and decides before the others', () => {
    const world = mesh(custom, allowing({}));
    const request = { from: bert, to: modelApi, port: 8080 };
    expect(meshAllows(world, request, true)).toBe(true);
    expect(meshAllows(world, request, false)).toBe(false);
    const elsewhere = mesh(
      authorization({ action: 'CUSTOM', rules: [operation({ ports: ['1'] })] }),
    );
    expect(meshAllows(elsewhere, request, false)).toBe(true);
    expect(meshAllows(mesh(custom, denying({})), request, true)).toBe(false);
  });

  test('AP-02 AUDIT changes nothing', () => {
    expect(allows(authorization({ action: 'AUDIT', rules: [{}] }))).toBe(true);
    expect(allows([authorization({ action: 'AUDIT', rules: [{}] }), authorization({})])).toBe(
      false,
    );
  });

  test('AP-08 a dry run decides nothing', () => {
    const annotations = { 'istio.io/dry-run': 'true' };
    expect(allows(authorization({ action: 'DENY', rules: [{}] }, { annotations }))).toBe(true);
    expect(allows(authorization({}, { annotations }))).toBe(true);
  });
});

describe('combination', () => {
  test('AP-04 policies and rules are OR, from and to and when are AND', () => {
    const get = operation({ methods: ['GET'] });
    const byBert = source({ principals: ['*/sa/bert'] });
    const byNotebook = source({ principals: ['*/sa/notebook'] });
    expect(allows([allowing(byNotebook), allowing(byBert)])).toBe(true);
    expect(allows(allowing(byNotebook, byBert))).toBe(true);
    expect(allows(allowing({ ...byBert, ...get }))).toBe(true);
    expect(allows(allowing({ ...byNotebook, ...get }))).toBe(false);
    const when = [{ key: 'destination.port', values: ['9000'] }];
    expect(allows(allowing({ ...byBert, ...get, when }))).toBe(false);
  });

  test('AP-04 entries of from and to are OR, fields of one entry AND, values OR', () => {
    const from = [{ source: { namespaces: ['web'] } }, { source: { namespaces: ['ml-*'] } }];
    expect(allows(allowing({ from }))).toBe(true);
    const one = { namespaces: ['ml-training'], principals: ['*/sa/notebook'] };
    expect(allows(allowing(source(one)))).toBe(false);
    expect(allows(allowing(operation({ methods: ['PUT', 'GET'], paths: ['/v1/models'] })))).toBe(
      true,
    );
    expect(allows(allowing(operation({ methods: ['PUT', 'GET'], paths: ['/v1'] })))).toBe(false);
  });

  test('AP-04 notX is the negation of all its values', () => {
    expect(allows(allowing(operation({ notMethods: ['PUT', 'GET'] })))).toBe(false);
    expect(allows(allowing(operation({ notMethods: ['PUT', 'POST'] })))).toBe(true);
    expect(allows(allowing(operation({ notPorts: ['8080'] })))).toBe(false);
    expect(allows(allowing(operation({ notPorts: ['9000'] })))).toBe(true);
  });

  test('AP-04 conditions are AND, their values OR, notValues excluded', () => {
    const port = (values: string[]) => ({ key: 'destination.port', values });
    const namespace = { key: 'source.namespace', notValues: ['ml-training'] };
    expect(allows(allowing({ when: [port(['8080', '9000'])] }))).toBe(true);
    expect(allows(allowing({ when: [port(['8080']), port(['9000'])] }))).toBe(false);
    expect(allows(allowing({ when: [namespace] }))).toBe(false);
    expect(allows(allowing({ when: [namespace] }), { from: prometheus })).toBe(true);
  });

  test('AP-06 from and to as two items are two rules', () => {
    const rules = [source({ namespaces: ['web'] }), operation({ methods: ['GET'] })];
    expect(allows(allowing(...rules))).toBe(true);
  });

  test('AP-34 ports are pod ports', () => {
    expect(allows(allowing(operation({ ports: ['8080'] })))).toBe(true);
    expect(allows(allowing(operation({ ports: ['80'] })))).toBe(false);
  });

  test('AP-33 ipBlocks are the address of the peer', () => {
    expect(allows(allowing(source({ ipBlocks: ['10.0.2.0/24'] })))).toBe(true);
    expect(allows(allowing(source({ ipBlocks: ['10.0.2.11'] })))).toBe(false);
    expect(allows(allowing(source({ ipBlocks: ['198.51.100.7'] })), { from: laptop })).toBe(true);
  });
});

describe('which policies apply', () => {
  const deny = (spec: object, namespace?: string): Manifest =>
    authorization({ action: 'DENY', rules: [{}], ...spec }, { namespace });
  const selector = { matchLabels: { app: 'model-api' } };

  test('1.2 those of the namespace and of the root namespace', () => {
    expect(allows(deny({}))).toBe(false);
    expect(allows(deny({}, 'istio-system'))).toBe(false);
    expect(allows(deny({}, 'ml-training'))).toBe(true);
  });

  test('1.2 those whose selector carries the pod’s labels, from the root namespace too', () => {
    expect(allows(deny({ selector }))).toBe(false);
    expect(allows(deny({ selector: { matchLabels: { app: 'triton' } } }))).toBe(true);
    expect(allows(deny({ selector }, 'istio-system'))).toBe(false);
    expect(allows(deny({ selector }, 'ml-training'))).toBe(true);
  });

  test('1.2 none with targetRefs', () => {
    expect(allows(deny({ targetRefs: [{ kind: 'Service', name: 'model-api' }] }))).toBe(true);
  });

  test('1.2 pods without a proxy are not protected', () => {
    expect(allows(deny({}), { to: { ...modelApi, inMesh: false } })).toBe(true);
  });

  test('9.1 UDP and the proxies’ own ports are never captured', () => {
    expect(allows(deny({}), { protocol: 'UDP' })).toBe(true);
    for (const port of [15020, 15021, 15090]) expect(allows(deny({}), { port })).toBe(true);
    expect(allows(deny({}), { port: 15006 })).toBe(false);
  });
});

describe('1.3 empty shapes', () => {
  test('an ALLOW policy without rules allows nothing', () => {
    for (const spec of [{}, { rules: [] }, { rules: null }, { action: 'ALLOW' }]) {
      expect(allows(authorization(spec))).toBe(false);
    }
  });

  test('an empty rule is everything, whatever the action', () => {
    expect(allows(authorization({ rules: [{}] }))).toBe(true);
    expect(allows(authorization({ action: 'DENY', rules: [{}] }))).toBe(false);
  });

  test('empty lists of sources, operations and values are any', () => {
    expect(allows(allowing({ from: [], to: [] }))).toBe(true);
    expect(allows(allowing(operation({ methods: [], ports: ['8080'] })))).toBe(true);
  });
});

describe('callers without identity', () => {
  const positives: Record<string, string[]>[] = [
    { principals: ['*'] },
    { namespaces: ['*'] },
    { serviceAccounts: ['ml-training/bert'] },
    { trustDomains: ['*'] },
  ];

  test('AP-40 match no positive field, not even *', () => {
    for (const fields of positives) {
      expect(allows(allowing(source(fields)))).toBe(true);
      expect(allows(allowing(source(fields)), { plaintext: true })).toBe(false);
      expect(allows(allowing(source(fields)), { from: laptop })).toBe(false);
      expect(allows(allowing(source(fields)), { from: { ...bert, inMesh: false } })).toBe(false);
    }
  });

  test('AP-41 match every negative field', () => {
    const fields = source({ notPrincipals: ['*'] });
    expect(allows(allowing(fields), { from: prometheus })).toBe(true);
    expect(allows(allowing(fields))).toBe(false);
    expect(allows(denying(fields), { from: prometheus })).toBe(false);
    expect(allows(denying(fields))).toBe(true);
  });

  test('a pod without an account runs as default', () => {
    const policy = allowing(source({ serviceAccounts: ['ml-training/default'] }));
    expect(allows(policy, { from: { ...bert, serviceAccount: undefined } })).toBe(true);
    expect(allows(policy)).toBe(false);
  });
});

describe('requests', () => {
  test('AP-23 methods are compared with their case', () => {
    expect(allows(allowing(operation({ methods: ['get'] })))).toBe(false);
    expect(allows(allowing(operation({ methods: ['G*'] })))).toBe(true);
  });

  test('AP-24 hosts are the raw authority', () => {
    expect(allows(allowing(operation({ hosts: ['model-api.llm-serving'] })))).toBe(false);
    expect(allows(allowing(operation({ hosts: ['MODEL-API.llm-serving:*'] })))).toBe(true);
  });

  test('AP-25, AP-26 paths may be prefixes and templates', () => {
    expect(allows(allowing(operation({ paths: ['/v1/*'] })))).toBe(true);
    expect(allows(allowing(operation({ paths: ['/{*}/models'] })))).toBe(true);
    expect(allows(allowing(operation({ notPaths: ['/v1/{**}'] })))).toBe(false);
  });
});

describe('1.6 HTTP fields on a TCP port', () => {
  const raw = { port: 9000, method: undefined, path: undefined, host: undefined };

  test('drop the whole rule of an ALLOW policy, even if one operation only has them', () => {
    const to = [{ operation: { ports: ['9000'] } }, { operation: { methods: ['GET'] } }];
    expect(allows(allowing({ to }), raw)).toBe(false);
    expect(allows(allowing({ to: to.slice(0, 1) }), raw)).toBe(true);
    expect(allows(allowing(source({ requestPrincipals: ['*'] })), raw)).toBe(false);
    const when = [{ key: 'request.auth.claims[groups]', values: ['ml'] }];
    expect(allows(allowing({ when }), raw)).toBe(false);
    expect(allows(allowing({}), raw)).toBe(true);
  });

  test('drop only the field of a DENY policy, which becomes wider', () => {
    expect(allows(denying(operation({ methods: ['PUT'] })), raw)).toBe(false);
    expect(allows(denying(operation({ methods: ['PUT'], ports: ['8080'] })), raw)).toBe(true);
    expect(allows(denying(source({ notRequestPrincipals: ['*'] })), raw)).toBe(false);
    const when = [{ key: 'request.headers[x-team]', values: ['ml'] }];
    expect(allows(denying({ when }), raw)).toBe(false);
  });
});

test('fails on a field that it does not know', () => {
  expect(() => allows(allowing(source({ remoteIpBlocks: ['10.0.0.0/8'] })))).toThrow(
    'does not know remoteIpBlocks',
  );
  const when = [{ key: 'connection.sni', values: ['x'] }];
  expect(() => allows(allowing({ when }))).toThrow('does not know connection.sni');
});

test('fails on a security kind that it does not know', () => {
  const manifest = { ...authorization({}), kind: 'AuthorizationRule' };
  expect(() => mesh(manifest)).toThrow('does not know AuthorizationRule');
});
