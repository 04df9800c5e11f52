import { describePath, DocumentSource, fieldPath } from '../../src/read/locate';
import type { FieldPath } from '../../src/read/resource';

const TEXT = `# a comment
kind: NetworkPolicy
metadata: { name: "model-api", labels: {a.b/c: x} }
spec:
  ingress:
    - from:
        - podSelector: {}
      ports: &ports
        - port: 8080
    - ports: *ports
base: &base
  k: 1
merged:
  <<: *base
  own: 2
`;

describe('the place of a field', () => {
  const source = new DocumentSource('in.yaml', TEXT, 10, 0);

  it.each<[FieldPath, number, number]>([
    [[], 12, 1],
    [['metadata', 'name'], 13, 13],
    [['metadata', 'labels', 'a.b/c'], 13, 41],
    [['spec', 'ingress', 0], 16, 7],
    [['spec', 'ingress', 0, 'from', 0, 'podSelector'], 17, 11],
    [['spec', 'ingress', 0, 'ports', 0, 'port'], 19, 11],
    [['spec', 'ingress', 1, 'ports', 0, 'port'], 19, 11],
    [['merged', 'k'], 22, 3],
    [['merged', 'own'], 25, 3],
  ])('%j is found', (path, line, column) => {
    expect(source.locate(path)).toEqual({ file: 'in.yaml', line, column });
  });

  it('is that of the nearest ancestor where the text has no such field', () => {
    expect(source.locate(['spec', 'egress', 3, 'to'])).toMatchObject({ line: 14, column: 1 });
    expect(source.locate(['spec', 'ingress', 7])).toMatchObject({ line: 15, column: 3 });
  });

  it('counts CR, LF and CRLF as one line break each', () => {
    const lines = new DocumentSource('in.yaml', 'a: 1\r\nb: 2\rc: 3\nd: 4', 0, 0);
    expect(['a', 'b', 'c', 'd'].map((key) => lines.locate([key]).line)).toEqual([1, 2, 3, 4]);
  });

  it('is that of the right document where `...` ends one', () => {
    const second = new DocumentSource('in.yaml', 'a: 1\n...\nb: 2\n', 0, 1);
    expect(second.locate(['b'])).toMatchObject({ line: 3, column: 1 });
  });
});

describe('paths as text', () => {
  it.each<[string, FieldPath]>([
    ['spec.ingress[0].ports[1].port', ['spec', 'ingress', 0, 'ports', 1, 'port']],
    ['metadata.labels["team/owner.x"]', ['metadata', 'labels', 'team/owner.x']],
    ['metadata.labels["a\\"]b"]', ['metadata', 'labels', 'a"]b']],
    ['', []],
  ])('%s is read and written', (text, path) => {
    expect(fieldPath(text)).toEqual(path);
    expect(describePath(path)).toBe(text);
  });
});
