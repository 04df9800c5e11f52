import { readText } from '../../src/read/read-text';

function read(text: string) {
  const { resources, problems } = readText('in.yaml', text);
  return {
    ids: resources.map(({ kind, namespace, name }) => `${kind} ${namespace ?? '-'}/${name}`),
    places: resources.map((one) => `${one.line}`),
    problems: problems.map(({ code, at, lost }) => `${code} ${at.line}${lost ? ' lost' : ''}`),
    resources,
  };
}

const POLICY = 'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n';

describe('objects', () => {
  it('are taken out of documents, with their first lines', () => {
    const text = `# written by hand\n${POLICY}metadata: {name: a, namespace: ml}\n---\n\n${POLICY}metadata: {name: b}\n`;
    expect(read(text)).toMatchObject({
      ids: ['NetworkPolicy ml/a', 'NetworkPolicy default/b'],
      places: ['2', '7'],
      problems: [],
    });
  });

  it('are taken out of lists, lists in lists and typed lists', () => {
    const text = `apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Namespace, metadata: {name: ml}}
  - apiVersion: v1
    kind: List
    items:
      - {apiVersion: v1, kind: Service, metadata: {name: s, namespace: ml}}
  - apiVersion: networking.k8s.io/v1
    kind: NetworkPolicyList
    items:
      - metadata: {name: np, namespace: ml}
        spec: {podSelector: {}}
`;
    const { ids, places, problems, resources } = read(text);
    expect(ids).toEqual(['Namespace -/ml', 'Service ml/s', 'NetworkPolicy ml/np']);
    expect(places).toEqual(['4', '8', '12']);
    expect(problems).toEqual([]);
    expect(resources[2]?.apiVersion).toBe('networking.k8s.io/v1');
    expect(resources[2]?.locate(['spec', 'podSelector'])).toMatchObject({ line: 13, column: 16 });
  });

  it.each([
    ['fails on a document that is text', 'just text\n', 'not-kubernetes 1'],
    ['fails on a list', '- 1\n- 2\n', 'not-kubernetes 1'],
    ['fails on values of a chart', 'replicas: 3\nimage: x\n', 'not-kubernetes 1'],
    [
      'fails on half an object',
      'kind: NetworkPolicy\nmetadata: {name: a}\n',
      'not-kubernetes 1 lost',
    ],
    ['fails on an object without a name', `${POLICY}metadata:\n  labels: {}\n`, 'no-name 3 lost'],
    [
      'fails on items that are none',
      'apiVersion: v1\nkind: List\nitems:\n  - 3\n',
      'not-kubernetes 4',
    ],
  ])('%s, by its name', (_, text, problem) => {
    expect(read(text).problems).toEqual([problem]);
  });

  it('are not missing where a document has comments only', () => {
    expect(read('# nothing\n---\n# nothing either\n')).toMatchObject({ ids: [], problems: [] });
  });

  it('carry the keys that stand twice in them, and not their neighbours', () => {
    const item = (name: string, spec: string): string =>
      `  - {apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: ${name}}, spec: ${spec}}\n`;
    const text = `apiVersion: v1\nkind: List\nitems:\n${item('a', '{podSelector: {}}')}${item('b', '{ingress: [], ingress: []}')}`;
    const { resources, problems } = read(text);
    expect(resources.map(({ unclear }) => unclear.map(({ path }) => path))).toEqual([
      [],
      [['spec', 'ingress']],
    ]);
    expect(problems).toEqual(['duplicate-key 5']);
  });
});
