/** The program as a process: exit code, streams apart, and what it loads. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
// what is started below: importing it would start it here
import type {} from '../../src/cli/main';

const ROOT = join(__dirname, '../..');
const TS = ['-r', 'ts-node/register/transpile-only'];

const node = (...args: string[]) => nodeIn({}, ...args);

const nodeIn = (env: Readonly<Record<string, string>>, ...args: string[]) =>
  spawnSync(process.execPath, [...TS, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, TS_NODE_PROJECT: 'test/tsconfig.json', NO_COLOR: '1', ...env },
  });

describe('the process', () => {
  it('tells its version', () => {
    const { status, stdout, stderr } = node('src/cli/main.ts', '--version');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('fails with exit code 2 and an empty standard output', () => {
    const { status, stdout, stderr } = node('src/cli/main.ts', 'reahc');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('did you mean reach?');
  });

  it('has no answer for a glob that finds nothing', () => {
    const { status, stdout, stderr } = node('src/cli/main.ts', 'lint', 'docs/*.nothing');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('docs/*.nothing:1:1: file-unreadable: got no file of that pattern');
  });

  it('names a date that is none, as the library does, and takes none in its place', () => {
    const date = { SOURCE_DATE_EPOCH: 'yesterday' };
    const { status, stdout, stderr } = nodeIn(date, 'src/cli/main.ts', 'lint', 'examples');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^ml-netpol: SOURCE_DATE_EPOCH: got "yesterday", expected seconds/);
  });

  it('loads neither cdk8s nor YAML nor a report for its version', () => {
    const { stdout } = node(
      '-e',
      `require('./src/cli/run').run({ argv: ['--version'] }, { stdout: { write: async () => true } })
        .then(() => console.log(JSON.stringify(Object.keys(require.cache))))`,
    );
    const loaded = (JSON.parse(stdout) as string[]).map((file) => file.slice(ROOT.length));
    expect(loaded).toContain('/src/cli/run.ts');
    const heavy =
      /node_modules\/(cdk8s|constructs|yaml|ipaddr)|src\/(report\/(?!words)|engine|read|cli\/commands\/(?!index))/;
    expect(loaded.filter((file) => heavy.test(file))).toEqual([]);
  });
});
