import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readPaths } from '../../src/read/files';

const object = (name: string, namespace = 'ml'): string =>
  `apiVersion: v1\nkind: Service\nmetadata: {name: ${name}, namespace: ${namespace}}\n`;

describe('paths', () => {
  let folder = '';
  const at = (...names: string[]): string => path.join(folder, ...names);
  const write = (name: string, text: string | Buffer): void => {
    mkdirSync(path.dirname(at(name)), { recursive: true });
    writeFileSync(at(name), text);
  };
  const read = (...paths: string[]) => {
    const { resources, problems, models } = readPaths(paths);
    return {
      names: resources.map(({ name }) => name),
      codes: problems.map(({ code, at: { file } }) => `${code} ${path.relative(folder, file)}`),
      resources,
      models,
    };
  };

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'read-'));
    write('b.yaml', object('b'));
    write('a.yml', object('a'));
    write(
      'deep/c.json',
      JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'c' } }),
    );
    write('deep/notes.txt', 'not read');
    write('.git/x.yaml', object('hidden'));
    write('node_modules/x.yaml', object('foreign'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('that are folders are walked in the order of names', () => {
    expect(read(folder)).toMatchObject({ names: ['a', 'b', 'c'], codes: [] });
  });

  it('that name a file read it whatever it is called', () => {
    write('rendered', object('r'));
    expect(read(at('rendered')).names).toEqual(['r']);
  });

  it.each([
    ['*.y*ml', ['a', 'b']],
    ['**/*.json', ['c']],
    ['{b.yaml,deep/c.json}', ['b', 'c']],
    ['[a-a].yml', ['a']],
    ['?.yaml', ['b']],
    ['**', ['a', 'b', 'c']],
  ])('that are the glob %s find files', (pattern, names) => {
    expect(read(at(pattern))).toMatchObject({ names, codes: [] });
  });

  it('read each file once, whatever leads to it', () => {
    symlinkSync(at('b.yaml'), at('link.yaml'));
    expect(read(at('b.yaml'), folder, at('*.yaml'))).toMatchObject({
      names: ['b', 'a', 'c'],
      codes: [],
    });
  });

  it('end where links lead in circles', () => {
    symlinkSync(folder, at('deep', 'again'));
    symlinkSync(at('loop.yaml'), at('loop.yaml'));
    expect(read(folder)).toMatchObject({
      names: ['a', 'b', 'c'],
      codes: ['file-unreadable loop.yaml'],
    });
  });

  it.each([['missing.yaml'], ['missing/*.yaml'], ['*.toml']])('fails on %s by name', (name) => {
    expect(read(at(name)).codes).toEqual([`file-unreadable ${name}`]);
  });

  it('read stdin as -', () => {
    const { resources } = readPaths(['-'], { stdin: () => Buffer.from(object('s')) });
    expect(resources.map(({ file, name }) => `${file} ${name}`)).toEqual(['- s']);
  });

  it('name binary files, and read the others', () => {
    write('model.yaml', Buffer.from([0, 1, 2, 3]));
    expect(read(folder)).toMatchObject({ names: ['a', 'b', 'c'], codes: ['binary model.yaml'] });
  });

  it('name an object that stands twice, and keep the first one', () => {
    write('z.yaml', `${object('b')}spec: {clusterIP: None}\n`);
    const { problems, resources } = readPaths([folder]);
    expect(resources).toHaveLength(3);
    expect(problems).toMatchObject([{ code: 'duplicate-object', lost: { kind: 'Service' } }]);
  });

  it('bring construct paths, but not for a name that two objects have', () => {
    write('b2.yaml', object('b', 'other'));
    const resources = {
      a: { path: 'app/chart/a' },
      b: { path: 'app/chart/b' },
      'Service/other/b': { path: 'app/chart/other-b' },
    };
    write('construct-metadata.json', JSON.stringify({ version: '1.0.0', resources }));
    const paths = read(folder).resources.map((one) => [
      `${one.namespace ?? ''}/${one.name}`,
      one.constructPath,
    ]);
    expect(paths).toEqual([
      ['ml/a', 'app/chart/a'],
      ['ml/b', undefined],
      ['other/b', 'app/chart/other-b'],
      ['default/c', undefined],
    ]);
  });
});
