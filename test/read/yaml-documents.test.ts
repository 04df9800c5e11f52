import { DOCUMENT_LIMIT, readDocuments } from '../../src/read/yaml-documents';
import type { Json } from '../../src/read/resource';

function read(text: string, file = 'in.yaml') {
  return readDocuments(file, { text, invalid: false });
}

function values(text: string, file?: string): Json[] {
  const { documents, problems } = read(text, file);
  expect(problems).toEqual([]);
  return documents.map(({ value }) => value);
}

function problemsOf(text: string): string[] {
  return read(text).problems.map(({ code, at }) => `${code} ${at.file}:${at.line}:${at.column}`);
}

describe('documents', () => {
  it.each<[string, string, Json[]]>([
    ['one', 'a: 1\n', [{ a: 1 }]],
    ['several', 'a: 1\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['a leading marker', '---\na: 1\n', [{ a: 1 }]],
    ['content behind the marker', '--- {a: 1}\n--- {b: 2}\n', [{ a: 1 }, { b: 2 }]],
    ['an end marker', 'a: 1\n...\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['directives', '%YAML 1.2\n---\na: 1\n', [{ a: 1 }]],
    [
      'dashes inside a block of text',
      'a: |\n  x\n  ---\n  y\nb: 1\n',
      [{ a: 'x\n---\ny\n', b: 1 }],
    ],
    ['dashes that are a word', 'a: 1\n---b: 2\n', [{ a: 1, '---b': 2 }]],
    ['Windows line breaks', 'a: 1\r\n---\r\nb: 2\r\n', [{ a: 1 }, { b: 2 }]],
    ['a byte order mark', '\uFEFFa: 1\n', [{ a: 1 }]],
    ['JSON', '{"a": [1, "x\\u00e9", null, true]}', [{ a: [1, 'xé', null, true] }]],
    [
      'JSON indented by tabs',
      '{\n\t"a": 1,\n\t"b": {\n\t\t"c": []\n\t}\n}\n',
      [{ a: 1, b: { c: [] } }],
    ],
    ['aliases', 'a: &x {k: 1}\nb: *x\n', [{ a: { k: 1 }, b: { k: 1 } }]],
    [
      'merged keys',
      'a: &x {k: 1, l: 2}\nb: {<<: *x, l: 3}\n',
      [{ a: { k: 1, l: 2 }, b: { k: 1, l: 3 } }],
    ],
  ])('reads %s', (_, text, expected) => {
    expect(values(text)).toEqual(expected);
  });

  it('reads one document a line where the file is lines of JSON', () => {
    const text = '{"a":1}\n\n{"b":2}\n';
    const { documents } = read(text, 'objects.jsonl');
    expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }, { b: 2 }]);
    expect(documents[1]?.source.locate(['b'])).toMatchObject({ line: 3, column: 2 });
  });

  it.each<[string, Json]>([
    ['yes', true],
    ['off', false],
    ['n', false],
    ['"yes"', 'yes'],
    ['010', 8],
    ['0o10', 8],
    ['0x1F', 31],
    ['08', 8],
    ['1_000', 1000],
    ['-3', -3],
    ['1:30', '1:30'],
    ['2026-08-01', '2026-08-01'],
    ['1.5', 1.5],
    ['~', null],
    ['', null],
  ])('means by %s what the API server means', (scalar, expected) => {
    expect(values(`a: ${scalar}\n`)).toEqual([{ a: expected }]);
  });

  it('keeps keys that objects inherit', () => {
    const [value] = values(
      '__proto__: evil\nconstructor: c\ntoString: t\nlabels: {__proto__: x}\n',
    );
    expect(Object.keys(value as object)).toEqual([
      '__proto__',
      'constructor',
      'toString',
      'labels',
    ]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn((value as { labels: object }).labels, '__proto__')).toBe(true);
  });
});

describe('documents that cannot be read', () => {
  it.each([
    ['fails on a tab that indents', 'a: 1\nb:\n\tc: 1\n', 'yaml-syntax in.yaml:3:1'],
    ['fails on an open bracket', 'a: [1, 2\n', 'yaml-syntax in.yaml:2:1'],
    ['fails on an unknown alias', 'a: *nobody\n', 'yaml-syntax in.yaml:1:1'],
    ['fails on an unknown tag', 'a: !!js/function "x"\n', 'yaml-syntax in.yaml:1:4'],
    ['fails on control characters', 'a: "\u0001"\n', 'yaml-syntax in.yaml:1:5'],
    ['fails on nesting', `${'['.repeat(500)}${']'.repeat(500)}`, 'too-deep in.yaml:1:201'],
    ['fails on block nesting', '- '.repeat(5000), 'too-deep in.yaml:1:401'],
    ['fails on an alias of itself', 'a: &a [*a]\n', 'alias-bomb in.yaml:1:1'],
  ])('%s', (_, text, expected) => {
    const [problem = ''] = problemsOf(text);
    expect(problem.split(' ')[0]).toBe(expected.split(' ')[0]);
    expect(problem.split(':')[1]).toBe(expected.split(':')[1]);
    expect(read(text).documents).toEqual([]);
  });

  it('says so where the line that fails is empty', () => {
    expect(read('a: [1\n').problems.map(({ got }) => got)).toEqual(['an empty line']);
  });

  it('keeps the documents around one that fails, and counts lines through it', () => {
    const { documents, problems } = read('a: 1\n---\nb: [\n---\nc: 3\n');
    expect(documents.map(({ value }) => value)).toEqual([{ a: 1 }, { c: 3 }]);
    expect(documents[1]?.source.locate(['c'])).toEqual({ file: 'in.yaml', line: 5, column: 1 });
    expect(problems.map(({ at }) => at.line)).toEqual([4]);
  });

  it('says what is lost, with the kind and name that can be guessed', () => {
    const text = 'kind: NetworkPolicy\nmetadata:\n  name: model-api\nspec: {\n';
    expect(read(text).problems[0]?.lost).toMatchObject({
      kind: 'NetworkPolicy',
      name: 'model-api',
    });
  });

  it('refuses a repeated key at its place, and reads the last one', () => {
    const { documents, problems } = read('a: 1\nb: {k: 1, k: 2}\na: 3\n');
    expect(documents[0]?.value).toEqual({ a: 3, b: { k: 2 } });
    expect(problems.map(({ code, at, got }) => [code, at.line, at.column, got])).toEqual([
      ['duplicate-key', 2, 11, 'b.k'],
      ['duplicate-key', 3, 1, 'a'],
    ]);
    expect(documents[0]?.unclear.map(({ path }) => path)).toEqual([['b', 'k'], ['a']]);
  });

  it('refuses aliases that expand without bound, at once', () => {
    const lines = Array.from({ length: 30 }, (_, level) => {
      const item = level === 0 ? 'x' : `*a${level - 1}`;
      return `a${level}: &a${level} [${Array.from({ length: 9 }, () => item).join(', ')}]`;
    });
    const start = Date.now();
    expect(problemsOf(lines.join('\n'))).toEqual(['alias-bomb in.yaml:1:1']);
    expect(Date.now() - start).toBeLessThan(2000);
  });

  it('refuses a single document above the limit by name, and reads the next one', () => {
    const { documents, problems } = read(`a: "${'x'.repeat(DOCUMENT_LIMIT)}"\n---\nb: 2\n`);
    expect(problems.map(({ code }) => code)).toEqual(['document-too-large']);
    expect(documents.map(({ value }) => value)).toEqual([{ b: 2 }]);
  });

  it.each([
    ['items', '- a\n'],
    ['brackets', '- []\n- {}\n'],
  ])('refuses a single document of too many %s, at once', (_, unit) => {
    const start = Date.now();
    expect(problemsOf(unit.repeat(1_000_001))).toEqual(['document-too-large in.yaml:1:1']);
    expect(Date.now() - start).toBeLessThan(1000);
  });

  it('names some of the keys that stand many times', () => {
    expect(problemsOf('k: 1\n'.repeat(5000))).toHaveLength(100);
  });

  it('reads many documents, whatever they are together', () => {
    expect(values('--- {a: 1}\n'.repeat(20_000))).toHaveLength(20_000);
  });

  it('costs only the documents that bytes of no encoding stand in', () => {
    const { documents, problems } = readDocuments('in.yaml', {
      text: 'a: 1\n---\nb: \uFFFD\n',
      invalid: true,
    });
    expect(documents).toHaveLength(1);
    expect(problems[0]).toMatchObject({ code: 'invalid-utf8', at: { line: 3, column: 4 } });
  });
});
