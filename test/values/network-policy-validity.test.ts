import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { networkPolicyProblems } from '../../src/values/network-policy-validity';
import { describeShared, sharedPath } from '../shared';
import type { Json, Refusal } from './network-policy-validity-rows';
import {
  AT_BLOCK,
  AT_EXPRESSION,
  AT_PEER,
  AT_PORT,
  PORT,
  ROWS,
  TEXT,
  block,
  egress,
  ingress,
  labels,
  manifest,
  meta,
  peer,
  port,
  requirement,
  spec,
} from './network-policy-validity-rows';

function expectRefusal(given: unknown, ...refusals: readonly Refusal[]): void {
  expect(networkPolicyProblems(given)).toEqual(
    refusals.map(([field, got, expected]) => ({
      field,
      got,
      expected: typeof expected === 'string' ? expected : expect.stringMatching(expected),
    })),
  );
}

const accepted = (given: unknown): void => {
  expect(networkPolicyProblems(given)).toEqual([]);
};

describe('networkPolicyProblems', () => {
  test.each(ROWS)('fails on $rule', ({ refused, as }) => {
    expectRefusal(refused, as);
  });

  test.each(ROWS.filter(({ taken }) => taken.length > 0))('takes what is next to: $rule', (row) => {
    row.taken.forEach(accepted);
  });

  test('has a row for every rule of the API server', () => {
    const numbers = Array.from({ length: 24 }, (_, index) => index + 1);
    const rules = numbers.map((number) => `V-${String(number).padStart(2, '0')} `);
    expect(rules.filter((id) => !ROWS.some(({ rule }) => rule.startsWith(id)))).toEqual([]);
  });

  test('names all problems at once, in the order of the API’s fields', () => {
    const everywhere = {
      ...meta({ name: 'A', labels: { 'b!': 'c!' } }),
      spec: {
        egress: [{ to: [{}], ports: [{ port: 0 }, { port: 'A', endPort: 1 }] }],
        policyTypes: ['Both'],
        ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['a', '::/1'] } }] }],
      },
    };
    expect(networkPolicyProblems(everywhere).map(({ field }) => field)).toEqual([
      'metadata.name',
      'metadata.labels["b!"]',
      'metadata.labels["b!"]',
      'spec.policyTypes[0]',
      `${AT_BLOCK}.except[0]`,
      `${AT_BLOCK}.except[1]`,
      'spec.egress[0].to[0]',
      'spec.egress[0].ports[0].port',
      'spec.egress[0].ports[1].port',
      'spec.egress[0].ports[1].endPort',
    ]);
  });

  test.each<[string, Json]>([
    ['no spec: selects every pod, isolates ingress', manifest],
    ['an empty spec', spec({})],
    ['null for every list', spec({ podSelector: null, policyTypes: null, ingress: null })],
    ['a rule that is empty or null: everything', spec({ ingress: [{}, null] })],
    ['rules without peers and ports', ingress({ from: [], ports: [] })],
    ['a port entry that is empty or null: every TCP port', ingress({ ports: [{}, null] })],
    ['policy types that contradict the rules', spec({ policyTypes: ['Egress'], ingress: [{}] })],
    ['exceptions that overlap', block('10.0.0.0/8', '10.1.0.0/16', '10.1.0.0/16', '10.1.1.0/24')],
    ['IPv6 in any form', block('2001:0DB8:0:0::/32', '2001:db8:0001::1.2.3.4/128')],
    ['a label without value', labels({ app: null })],
    ['a value of null among values', requirement({ key: 'a', operator: 'In', values: [null] })],
    ['a status, whatever it says', { ...manifest, status: { conditions: 'none' } }],
    ['what servers write', meta({ uid: 'a', creationTimestamp: null, managedFields: [{}] })],
    ['fields that are undefined: they are not written', spec({ podselector: undefined })],
  ])('takes %s', (_, given) => {
    accepted(given);
  });

  test.each<[string, Json, ...Refusal]>([
    [
      'podselector',
      spec({ podselector: {} }),
      'spec.podselector',
      {},
      /did you mean podSelector\?$/,
    ],
    ['policyType', spec({ policyType: [] }), 'spec.policyType', [], /did you mean policyTypes\?$/],
    ['port', ingress({ port: [80] }), 'spec.ingress[0].port', [80], /did you mean ports\?$/],
    ['CIDR', peer({ ipBlock: { cidr: '::/0', CIDR: '' } }), `${AT_BLOCK}.CIDR`, '', /mean cidr\?$/],
    [
      'excepts',
      peer({ ipBlock: { cidr: '::/0', excepts: [] } }),
      `${AT_BLOCK}.excepts`,
      [],
      /mean except\?$/,
    ],
    ['ipblock', peer({ ipblock: {} }), `${AT_PEER}.ipblock`, {}, /did you mean ipBlock\?$/],
    ['endport', port({ endport: 1 }), `${AT_PORT}.endport`, 1, /did you mean endPort\?$/],
    [
      'matchlabels',
      spec({ podSelector: { matchlabels: {} } }),
      'spec.podSelector.matchlabels',
      {},
      /mean matchLabels\?$/,
    ],
    [
      'value',
      requirement({ key: 'a', operator: 'Exists', value: 'b' }),
      `${AT_EXPRESSION}.value`,
      'b',
      /mean values\?$/,
    ],
    ['Spec', { ...manifest, Spec: {} }, 'Spec', {}, /did you mean spec\?$/],
    ['label', meta({ label: {} }), 'metadata.label', {}, /did you mean labels\?$/],
    [
      'from in an egress rule',
      egress({ from: [] }),
      'spec.egress[0].from',
      [],
      'no such field, but one of to, ports',
    ],
    [
      'to in an ingress rule',
      ingress({ to: [] }),
      'spec.ingress[0].to',
      [],
      'no such field, but one of from, ports',
    ],
    [
      'labels right in a peer',
      peer({ app: 'bert' }),
      `${AT_PEER}.app`,
      'bert',
      /^no such field, but one of podSelector, namespaceSelector, ipBlock$/,
    ],
    ['a name that is no word', spec({ 'a.b c': 1 }), 'spec["a.b c"]', 1, /^no such field/],
    ['a field that is null', spec({ rules: null }), 'spec.rules', null, /^no such field/],
    ['constructor', spec({ constructor: 1 }), 'spec.constructor', 1, /^no such field/],
    [
      '__proto__',
      spec(JSON.parse('{"__proto__":{"ingress":[]}}')),
      'spec.__proto__',
      { ingress: [] },
      /^no such field/,
    ],
  ])('fails on the unknown field %s, and on nothing else', (_, given, ...as) => {
    expectRefusal(given, as);
  });

  test('fails on an unknown field wherever there is an object', () => {
    const whole = {
      ...meta({ labels: { app: 'a' }, annotations: { why: 'b' } }),
      spec: {
        podSelector: {
          matchLabels: { a: 'b' },
          matchExpressions: [{ key: 'a', operator: 'Exists' }],
        },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ from: [{ podSelector: {}, namespaceSelector: {} }], ports: [{ port: 1 }] }],
        egress: [{ to: [{ ipBlock: { cidr: '::/0', except: ['::/1'] } }], ports: [{}] }],
      },
    };
    accepted(whole);
    const maps = ['metadata.labels', 'metadata.annotations', 'spec.podSelector.matchLabels'];
    const places = objectsIn(whole).filter((place) => !maps.includes(place));
    expect(places).toHaveLength(14);
    for (const place of places) {
      const field = place === '' ? 'bogus' : `${place}.bogus`;
      expectRefusal(withField(whole, place), [field, true, /^no such field/]);
    }
  });

  test.each<[string, Json, ...Refusal]>([
    ['spec', spec([]), 'spec', [], 'an object'],
    ['metadata', { ...manifest, metadata: 'model-api' }, 'metadata', 'model-api', 'an object'],
    ['podSelector', spec({ podSelector: 'app=bert' }), 'spec.podSelector', 'app=bert', 'an object'],
    ['a list of rules', spec({ ingress: {} }), 'spec.ingress', {}, 'a list'],
    ['a rule', spec({ egress: ['all'] }), 'spec.egress[0]', 'all', 'an object'],
    ['a list of ports', ingress({ ports: 80 }), 'spec.ingress[0].ports', 80, 'a list'],
    ['a port entry', ingress({ ports: [80] }), AT_PORT, 80, 'an object'],
    ['a port that is a boolean', port({ port: true }), `${AT_PORT}.port`, true, PORT],
    ['a port that was never read', port({ port: NaN }), `${AT_PORT}.port`, NaN, PORT],
    ['an endPort in quotes', port({ port: 1, endPort: '90' }), `${AT_PORT}.endPort`, '90', PORT],
    ['a protocol by number', port({ protocol: 6 }), `${AT_PORT}.protocol`, 6, TEXT],
    ['a peer', ingress({ from: ['10.0.0.0/8'] }), AT_PEER, '10.0.0.0/8', 'an object'],
    [
      'exceptions',
      peer({ ipBlock: { cidr: '::/0', except: '::/1' } }),
      `${AT_BLOCK}.except`,
      '::/1',
      'a list',
    ],
    ['a cidr', block(10), `${AT_BLOCK}.cidr`, 10, TEXT],
    ['policyTypes', spec({ policyTypes: 'Ingress' }), 'spec.policyTypes', 'Ingress', 'a list'],
    [
      'labels as a list',
      labels(['app']),
      'spec.podSelector.matchLabels',
      ['app'],
      'an object of strings',
    ],
    ['a label value', labels({ canary: true }), 'spec.podSelector.matchLabels.canary', true, TEXT],
    ['an annotation', meta({ annotations: { owner: 1 } }), 'metadata.annotations.owner', 1, TEXT],
    ['a name', meta({ name: 1 }), 'metadata.name', 1, TEXT],
    [
      'a label map that is no plain data',
      labels(new Map([['app', 'bert']])),
      'spec.podSelector.matchLabels',
      new Map([['app', 'bert']]),
      'an object of strings',
    ],
    ['a spec that is no plain data', spec(new Date(0)), 'spec', new Date(0), 'an object'],
  ])('fails on the wrong type of %s', (_, given, ...as) => {
    expectRefusal(given, as);
  });

  test.each([undefined, null, {}])('fails on %p for what an empty object lacks', (given) => {
    const fields = networkPolicyProblems(given).map(({ field }) => field);
    expect(fields).toEqual(['apiVersion', 'kind', 'metadata.name']);
  });

  test.each([[[]], ['kind: NetworkPolicy'], [0], [true], [Symbol('a')], [1n], [accepted]])(
    'fails on %p, which is no object',
    (given) => {
      expectRefusal(given, ['', given, 'an object']);
    },
  );

  const anything = fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
  });

  test('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), anything), (given) => {
        expect(networkPolicyProblems(given).length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });

  test('never throws, whatever stands in any field', () => {
    const builders = [meta, spec, ingress, egress, port, peer, block, labels, requirement];
    const fields = ['ingress', 'egress', 'podSelector', 'policyTypes', 'labels', 'annotations']
      .concat(['from', 'to', 'ports', 'port', 'endPort', 'ipBlock', 'cidr', 'except', 'protocol'])
      .concat(['key', 'operator', 'values', 'matchLabels', 'matchExpressions', '__proto__']);
    const value = fc.oneof(anything, fc.dictionary(fc.constantFrom(...fields), anything));
    fc.assert(
      fc.property(fc.constantFrom(...builders), value, (build, given) => {
        for (const { field, expected } of networkPolicyProblems(build(given as Json))) {
          expect(field).toMatch(/^(?:metadata|spec)/);
          expect(expected).not.toBe('');
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describeShared('networkPolicyProblems and the upstream e2e suite', () => {
  test('takes every policy of the suite', () => {
    const text = readFileSync(sharedPath('oracles', 'k8s-e2e-netpol.json'), 'utf8');
    const tables = JSON.parse(text) as { readonly policies: readonly Json[] }[];
    const policies = tables.flatMap(({ policies: each }) => each);
    expect(policies.length).toBeGreaterThan(60);
    policies.forEach(accepted);
  });
});

/** Paths of all objects in plain data: `spec.ingress[0]`, the root as ''. */
function objectsIn(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => objectsIn(item, `${at}[${String(index)}]`));
  }
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([key, item]) =>
    objectsIn(item, at === '' ? key : `${at}.${key}`),
  );
  return [at, ...inside];
}

/** A copy with `bogus: true` in the object at that path. */
function withField(value: Json, at: string): Json {
  const copy = structuredClone(value) as Record<string, unknown>;
  const steps = at.match(/\w+/g) ?? [];
  const place = steps.reduce<unknown>((inner, step) => (inner as Json)[step], copy);
  (place as Record<string, unknown>)['bogus'] = true;
  return copy;
}
