import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { Port } from '../../src/values/port';
import type { Problem } from '../../src/values/problem';
import { formatProblem, isNetpolError, NetpolError, refuse } from '../../src/values/problem';
import { refused } from './refusal';

const root = join(__dirname, '..', '..');

const problem: Problem = {
  code: 'missing-reason',
  where: 'llm-serving/model-api',
  got: undefined,
  expected: 'a reason',
  fix: `{ reason: '…' }`,
};

describe('formatProblem', () => {
  test('says where, got, expected and fix, and the line where it is known', () => {
    const text = `llm-serving/model-api: got nothing, expected a reason; fix: { reason: '…' }`;
    expect(formatProblem(problem)).toBe(text);
    expect(formatProblem({ ...problem, source: 'main.ts:14' })).toBe(`main.ts:14 ${text}`);
  });

  const circular: Record<string, unknown> = { id: 'model-api' };
  circular['self'] = circular;

  test.each<[shown: string, got: unknown]>([
    ['0', 0],
    ['"0"', '0'],
    ['"two\\nlines"', 'two\nlines'],
    ['null', null],
    ['false', false],
    ['{"port":0}', { port: 0 }],
    ['["a","b"]', ['a', 'b']],
    ['NaN', NaN],
    ['-Infinity', -Infinity],
    ['8080n', 8080n],
    ['Symbol(app)', Symbol('app')],
    ['[Function: Number]', Number],
    ['{ port: 1n }', { port: 1n }],
    [`<ref *1> { id: 'model-api', self: [Circular *1] }`, circular],
  ])('shows a value on one line: %s', (shown, got) => {
    expect(formatProblem({ ...problem, got })).toMatch(`: got ${shown}, expected `);
  });
});

describe('NetpolError', () => {
  test('has a line per problem, and no stack but its message', () => {
    const error = new NetpolError([problem, { ...problem, source: 'main.ts:14' }]);
    expect(error.message.split('\n')).toEqual(error.problems.map(formatProblem));
    expect(error.stack).toBe(error.message);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('NetpolError');
  });

  test('takes other lines for the same problems', () => {
    const error = new NetpolError([problem], ['[llm-serving] a reason is missing']);
    expect(error.message).toBe('[llm-serving] a reason is missing');
    expect(error.problems).toEqual([problem]);
  });

  test('is known by its mark, from whichever copy of the package', () => {
    const foreign = Object.assign(new Error(), {
      [Symbol.for('cdk8s-ml-netpol.NetpolError')]: true,
    });
    expect([new NetpolError([]), foreign].every(isNetpolError)).toBe(true);
    const others = [new Error('other'), null, undefined, 'text', 1, {}];
    expect(others.some(isNetpolError)).toBe(false);
  });
});

describe('refuse', () => {
  test('adds the line of the caller, and leaves one that is given', () => {
    refused(() => refuse(problem), { code: 'missing-reason', where: 'llm-serving/model-api' });
    const given = { ...problem, source: 'chart.py:3' };
    expect(() => refuse(given)).toThrow(new NetpolError([given]));
  });

  test('passes over methods and callbacks of libraries to the line that is the user’s', () => {
    const ports = [1, 0];
    const code = 'port-number';
    refused(() => ports.map((port) => Port.tcp(port)), { code, where: 'Port.tcp: port', got: 0 });
  });

  test('leaves the limit of stack traces as it was', () => {
    const limit = Error.stackTraceLimit;
    try {
      Error.stackTraceLimit = 1;
      expect(() => Port.tcp(0)).toThrow(/^test\/values\/problem\.test\.ts:\d+ /);
      expect(Error.stackTraceLimit).toBe(1);
    } finally {
      Error.stackTraceLimit = limit;
    }
  });
});

/** Programs of users in a folder of their own, with the values compiled into its lib/. */
describe('an uncaught refusal', () => {
  const text = `Port.tcp: port: got 0, expected an integer from 1 to 65535; fix: Port.tcp(8080)\n`;
  let folder: string;

  beforeAll(() => {
    // the name has what paths of people have: a space and parentheses
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'ml netpol (1) ')));
    mkdirSync(join(folder, 'lib', 'values'), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const compilerOptions = { module: 'commonjs', target: 'es2022' };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    const values = join(root, 'src', 'values');
    for (const file of readdirSync(values).filter((name) => name.endsWith('.ts'))) {
      const { outputText } = ts.transpileModule(readFileSync(join(values, file), 'utf8'), {
        compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
      });
      writeFileSync(join(folder, 'lib', 'values', file.replace(/ts$/, 'js')), outputText);
    }
  });

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function run(file: string, program: string, ...flags: string[]): object {
    writeFileSync(join(folder, file), program);
    const env = { ...process.env, TS_NODE_TRANSPILE_ONLY: 'true', NODE_OPTIONS: '' };
    const options = { cwd: folder, encoding: 'utf8', env } as const;
    const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, file], options);
    return { status, stdout, stderr };
  }

  const load = `const { Port } = require('./lib/values/port');\n`;

  test.each([
    ['main.js', `${load}Port.tcp(0);`, 2],
    ['later.js', `${load}\nsetTimeout(() => {\n  Port.tcp(0);\n}, 1);`, 4],
    ['async.js', `${load}async function main() {\n  await null;\n  Port.tcp(0);\n}\nmain();`, 4],
    ['chart.js', `${load}class Chart {\n  constructor() { Port.tcp(0); }\n}\nnew Chart();`, 3],
    ['main.mjs', `import { Port } from './lib/values/port.js';\nPort.tcp(0);`, 2],
  ])('is printed as its message alone, exit code 1: %s', (file, program, line) => {
    expect(run(file, program)).toEqual({
      status: 1,
      stdout: '',
      stderr: `${file}:${String(line)} ${text}`,
    });
  });

  test('is printed as its message alone under ts-node, as `cdk8s synth` runs apps', () => {
    const program = `import { Port } from './lib/values/port';\n\nPort.tcp(0 as number);\n`;
    const register = join(root, 'node_modules', 'ts-node', 'register');
    expect(run('main.ts', program, '-r', register)).toEqual({
      status: 1,
      stdout: '',
      stderr: `main.ts:3 ${text}`,
    });
  });

  test('that was caught leaves no trace', () => {
    const program = `${load}try { Port.tcp(0); } catch { console.log('mended'); }`;
    expect(run('caught.js', program)).toEqual({ status: 0, stdout: 'mended\n', stderr: '' });
  });

  test('that was caught leaves later errors their stack', () => {
    const program = `${load}try { Port.tcp(0); } catch {}\nthrow new TypeError('other');`;
    expect(run('other.js', program)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/TypeError: other\n {4}at .*other\.js:3:7/),
    });
  });

  test.each([
    [
      'a due timer',
      'setTimeout(() => { throw "late"; }, 1); for (const end = Date.now() + 20; Date.now() < end; );',
    ],
    ['an immediate', 'setImmediate(() => { throw "late"; });'],
  ])('that was caught leaves errors of later turns to Node: %s', (_turn, later) => {
    const program = `${load}try { Port.tcp(0); } catch {}\n${later}`;
    expect(run('late.js', program)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/late\.js:3\n[^]*\nNode\.js v/),
    });
  });

  test('is left to a program that looks after uncaught errors itself', () => {
    const handler = `process.on('uncaughtException', (e) => console.log('seen ' + e.message));\n`;
    expect(run('host.js', `${load}${handler}Port.tcp(0);`)).toEqual({
      status: 0,
      stdout: `seen host.js:3 ${text}`,
      stderr: '',
    });
  });
});
