import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../../src/cli/commands';
import { EVERYWHERE } from '../../src/cli/options';
import { BASE, INCOMPLETE, lint } from '../report/results';
import { cli, inFolder } from './fake';

inFolder();

describe('the commands', () => {
  const root = join(__dirname, '../..');

  it('are the files of src/cli/commands, each with a test', () => {
    const files = readdirSync(join(root, 'src/cli/commands')).filter((file) => file !== 'index.ts');
    expect(COMMANDS.map(({ name }) => `${name}.ts`).sort()).toEqual(files.sort());
    for (const { name } of COMMANDS) {
      expect(existsSync(join(root, 'test/cli/commands', `${name}.test.ts`))).toBe(true);
    }
  });

  it.each(COMMANDS)('$name says its own name, and takes no flag that means two things', (entry) => {
    const { name, options, examples } = entry.load();
    expect(name).toBe(entry.name);
    expect(examples.length).toBeGreaterThan(0);
    const shorts = Object.values({ ...options, ...EVERYWHERE }).flatMap((spec) =>
      'short' in spec && spec.short !== undefined ? [spec.short] : [],
    );
    expect(new Set(shorts).size).toBe(shorts.length);
  });

  it.each(COMMANDS)('$name explains itself on one screen', async ({ name }) => {
    const { code, stdout, stderr } = await cli([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.startsWith(`Usage: ml-netpol ${name} `)).toBe(true);
    expect(stdout.split('\n').length).toBeLessThanOrEqual(40);
    expect(await cli(['help', name])).toEqual({ code, stdout, stderr });
  });
});

describe('the program', () => {
  it('tells its version', async () => {
    expect(await cli(['--version'])).toEqual({ code: 0, stdout: '1.2.3\n', stderr: '' });
    expect((await cli(['-V'])).stdout).toBe('1.2.3\n');
  });

  it('lists every command in its help, on one screen', async () => {
    const { code, stdout } = await cli(['--help']);
    expect(code).toBe(0);
    expect(stdout.split('\n').length).toBeLessThanOrEqual(40);
    for (const { name } of COMMANDS) expect(stdout).toContain(`\n  ${name} `);
  });

  it('fails without a command, with the help on standard error', async () => {
    const { code, stdout, stderr } = await cli([]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: ml-netpol');
  });

  it.each([
    [['reahc', 'dist'], 'did you mean reach?'],
    [['--versoin'], 'did you mean --version?'],
    [['reach', '--form', 'a/b', 'dist'], 'did you mean --from?'],
    [['reach', '-z', 'dist'], 'got "-z", expected one of --from'],
    [['reach', '--from', '--to', 'dist'], 'reach: --from: got nothing, expected --from <name>'],
    [['reach', 'dist', '--from'], 'expected --from <name>'],
    [['reach', 'dist', '--from='], 'expected --from <name>'],
    [['reach', 'dist', '--all=yes'], '--all: got "yes", expected no value'],
    [['reach', 'dist', '--profile', 'a', '--profile', 'b'], '--profile is given twice'],
    [['reach', 'dist', '-o', 'jsno'], 'did you mean json?'],
    [['reach', 'dist', '-o', 'sarif'], 'a format that shows reach: text, json, markdown'],
    [['reach', 'dist', '-o', 'json='], 'a file, such as json=out.json'],
    [['lint', 'dist', '-o', 'text', '-o', 'sarif'], 'fix: -o sarif=<file>'],
    [['lint', 'dist', '--fail-on', 'eror'], 'did you mean error?'],
    [['reach'], 'got no input'],
    [['reach', 'dits'], 'dits: no such file or folder'],
    [['reach', 'dist', '--profile', 'none.yaml'], 'none.yaml: no such file or folder'],
    [['reach', 'dist', '-o', 'json=no/such/folder.json'], 'no/such/folder.json: cannot be written'],
  ])('fails for %j with one clear line', async (argv, line) => {
    const { code, stdout, stderr } = await cli(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^ml-netpol: [^\n]*\n$/);
    expect(stderr).toContain(line);
  });

  it('fails for a problem of its own without a stack, unless somebody looks for one', async () => {
    const analyzer = {
      rules: () => [],
      open: (): never => {
        throw new TypeError('undefined is no cluster');
      },
    };
    const told = await cli(['reach', 'dist'], { analyzer });
    expect(told).toMatchObject({ code: 2, stdout: '' });
    expect(told.stderr).toMatch(/^ml-netpol: internal error: undefined is no cluster\n/);
    expect(told.stderr).not.toContain('    at ');
    expect((await cli(['reach', 'dist'], { analyzer, env: { DEBUG: '1' } })).stderr).toContain(
      '  at ',
    );
  });
});

describe('inputs', () => {
  const counts = { workloads: 0, policies: 0, namespaces: 0 };
  const about = { ...BASE, counts };

  it('fails for input without an object', async () => {
    const { code, stdout, stderr } = await cli(['reach', 'dist'], { analysis: { about } });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      'ml-netpol: dist: got nothing, expected Kubernetes objects in YAML or JSON\n',
    );
  });

  it('fails for a folder without policies, unless that is meant', async () => {
    const analysis = { about: { ...about, counts: { ...counts, workloads: 3 } } };
    const { code, stdout, stderr } = await cli(['reach', 'dist'], { analysis });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^ml-netpol: dist: got no policies, [^\n]*\n$/);
    expect((await cli(['reach', 'dist', '--without-policies'], { analysis })).code).toBe(0);
  });

  it('takes a policy that is not understood for one', async () => {
    const analysis = { about: { ...about, notAnalyzed: INCOMPLETE.notAnalyzed } };
    expect((await cli(['reach', 'dist'], { analysis })).code).toBe(0);
  });

  it('tells what could not be read where nothing could', async () => {
    const analysis = { about: { ...about, problems: INCOMPLETE.problems } };
    const { code, stdout, stderr } = await cli(['lint', 'dist'], { analysis });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('ml-netpol: dist/broken.yaml:3:2: yaml-syntax: got a tab');
  });

  it('shows findings beside an unreadable file, and still exits 2', async () => {
    const findings = lint([], INCOMPLETE);
    const { code, stdout, stderr } = await cli(['lint', 'dist', '--exit-zero'], {
      analysis: { lint: () => findings },
    });
    expect(code).toBe(2);
    expect(stdout).toContain('0 problems');
    expect(stderr).toMatch(/^ml-netpol: dist\/broken.yaml:3:2: [^\n]*\n$/);
  });

  it('reads standard input for a dash, and globs as they are', async () => {
    const opened: Parameters<typeof cli>[1] = { opened: [], stdin: 'kind: Pod' };
    await cli(['reach', '-', 'dist/*.yaml'], opened);
    expect(opened.opened).toEqual([{ paths: ['-', 'dist/*.yaml'], stdin: 'kind: Pod' }]);
  });
});

describe('outputs', () => {
  it('are several at once: one here, the others in files', async () => {
    const argv = ['lint', 'dist', '-o', 'text', '-o', 'sarif=out.sarif', '-o', 'json=out.json'];
    const { code, stdout } = await cli(argv);
    expect(code).toBe(1);
    expect(stdout).toContain('MLN203 dns-egress-missing');
    expect(JSON.parse(readFileSync('out.sarif', 'utf8'))).toMatchObject({ version: '2.1.0' });
    expect(JSON.parse(readFileSync('out.json', 'utf8'))).toMatchObject({ query: 'lint' });
  });

  it.each(['text', 'json', 'sarif', 'junit', 'github', 'markdown'])(
    'exit with the same code as %s',
    async (format) => {
      expect((await cli(['lint', 'dist', '-o', format])).code).toBe(1);
      expect((await cli(['lint', 'dist', '-o', format, '--exit-zero'])).code).toBe(0);
    },
  );

  it.each([
    ['a terminal', [], {}, true, true],
    ['a pipe', [], {}, false, false],
    ['--color into a pipe', ['--color'], { NO_COLOR: '1' }, false, true],
    ['--no-color', ['--no-color'], { FORCE_COLOR: '1' }, true, false],
    ['FORCE_COLOR', [], { FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
    ['FORCE_COLOR=0', [], { FORCE_COLOR: '0' }, true, false],
    ['an empty NO_COLOR', [], { NO_COLOR: '' }, true, false],
    ['a dumb terminal', [], { TERM: 'dumb' }, true, false],
  ])('decide about colour for %s', async (_, flags, env, isTTY, colored) => {
    const { stdout } = await cli(['reach', 'dist', ...flags], { env, isTTY });
    expect(stdout.includes('\u001b[')).toBe(colored);
  });

  it('leave out the summary when they are quiet', async () => {
    const { stdout } = await cli(['reach', 'dist', '-q']);
    expect(stdout).not.toContain('pairs');
  });

  it('stop when nobody reads any more', async () => {
    const { code, stdout } = await cli(['reach', 'dist'], { pieces: 1 });
    expect(code).toBe(0);
    expect(stdout.split('\n').length).toBeLessThan(4);
  });
});
