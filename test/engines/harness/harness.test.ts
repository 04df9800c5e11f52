import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { closingLines } from './ledger';
import { needsNetworkNamespaces } from './needs';
import { output } from './output';
import { freePorts, start } from './processes';
import { Run } from './run';

const lacking = needsNetworkNamespaces();
const testNamespaces = (title: string, body: () => Promise<void>): void => {
  if (lacking === undefined) test(title, body);
  else test.skip(`${title} (skipped: there is no ${lacking})`, body);
};

const always = () => true;

/** A shell with a child of its own: both must go. */
const sleepers = { command: 'sh', args: ['-c', 'sleep 4711 & echo $!; wait'], ready: always };

const isAlive = (pid: number): boolean => {
  // a killed process that nobody waits for stays as a zombie
  const status = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).stdout;
  return status.trim() !== '' && !status.startsWith('Z');
};

const within = async (ms: number, holds: () => boolean): Promise<boolean> => {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(20)) if (holds()) return true;
  return holds();
};

test('the end of a run ends its processes with their children, and removes its folder', async () => {
  const run = new Run();
  const engine = await start(run, {
    ...sleepers,
    name: 'sleepers',
    ready: ({ log }) => /^\d+\n/.test(log()),
  });
  const pids = [engine.pid, Number(engine.log())];
  expect(pids.map(isAlive)).toEqual([true, true]);
  await run.end();
  expect(pids.map(isAlive)).toEqual([false, false]);
  expect(existsSync(run.folder)).toBe(false);
});

test('a stopped engine is gone while the run goes on', async () => {
  const run = new Run();
  const [first, second] = [
    await start(run, { ...sleepers, name: 'first' }),
    await start(run, { ...sleepers, name: 'second' }),
  ];
  await first.stop();
  expect([first.pid, second.pid].map(isAlive)).toEqual([false, true]);
  await run.end();
});

test('an engine that ends instead of getting ready fails with its last words', async () => {
  const run = new Run();
  const given = { name: 'broken', command: 'sh', args: ['-c', 'echo no database; exit 3'] };
  const never = start(run, { ...given, ready: () => false });
  await expect(never).rejects.toThrow(/^broken: ended with 3; .*\nno database/);
  const unknown = start(run, { ...given, name: 'none', command: 'no-such-engine', ready: always });
  await expect(unknown).rejects.toThrow(/ENOENT/);
  await run.end();
});

test('an engine that does not get ready in time fails, and is gone', async () => {
  const run = new Run();
  const slow = start(run, { ...sleepers, name: 'slow', ready: () => false, readyWithinMs: 200 });
  await expect(slow).rejects.toThrow(/^slow: not ready within 0\.2 s/);
  await run.end();
});

testNamespaces('a run that is killed hard leaves nothing behind', async () => {
  const program = `
    require('ts-node').register({ transpileOnly: true });
    const { Run } = require('./run');
    const { start } = require('./processes');
    const run = new Run();
    void run.networkNamespace('pod').then(async (name) => {
      const engine = await start(run, {
        name: 'sleep', command: 'sleep', args: ['4711'], networkNamespace: name, ready: () => true,
      });
      console.log(JSON.stringify({ name, pid: engine.pid, folder: run.folder }));
      setInterval(() => {}, 1000);
    });`;
  const child = spawn(process.execPath, ['-e', program], {
    cwd: __dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const line = await new Promise<string>((resolve) => child.stdout.once('data', resolve));
  const { name, pid, folder } = JSON.parse(String(line)) as Readonly<{
    name: string;
    pid: number;
    folder: string;
  }>;
  const left = () => [isAlive(pid), existsSync(folder), namespaces().includes(name)];
  expect(left()).toEqual([true, true, true]);
  child.kill('SIGKILL');
  await within(5000, () => !left().includes(true));
  expect(left()).toEqual([false, false, false]);
});

testNamespaces('two runs have namespaces of their own, with a loopback each', async () => {
  const [one, other] = [new Run(), new Run()];
  const names = [await one.networkNamespace('a'), await other.networkNamespace('a')];
  expect(new Set(names).size).toBe(2);
  expect(await output('ip', ['-n', String(names[0]), 'link', 'show', 'lo'])).toContain(
    'LOOPBACK,UP',
  );
  await one.end();
  expect(names.map((name) => namespaces().includes(name))).toEqual([false, true]);
  await other.end();
});

test('a command that fails says what it complained of', async () => {
  expect(await output('cat', [], { input: 'asked' })).toBe('asked');
  await expect(output('sh', ['-c', 'echo why >&2; exit 2'])).rejects.toThrow(/exit 2\nwhy/);
});

test('free ports are different ones', async () => {
  expect(new Set(await freePorts(20)).size).toBe(20);
});

test('closing lines add up what the parts of an engine counted, and say once what is missing', () => {
  const lines = closingLines([
    { engine: 'felix', agreements: 470, disagreements: 1, skipped: 5 },
    { engine: 'envoy', agreements: 7, disagreements: 0, skipped: 0 },
    { engine: 'felix', agreements: 30, disagreements: 0, skipped: 0 },
    { engine: 'mesh', missing: ['root', 'ipset (Debian package ipset)'] },
    { engine: 'mesh', missing: ['root', 'ipset (Debian package ipset)'] },
  ]);
  expect(lines).toEqual([
    'engine  cells  agreements  disagreements  skipped',
    'envoy       7           7              0        0',
    'felix     506         500              1        5',
    'mesh: skipped, there is no root, no ipset (Debian package ipset)',
  ]);
});

test('every wrapper module pins what it is made of', () => {
  const modules = path.join(__dirname, '..', 'go');
  for (const name of readdirSync(modules)) {
    const mod = readFileSync(path.join(modules, name, 'go.mod'), 'utf8');
    const needsSums = /^require/m.test(mod);
    expect([name, existsSync(path.join(modules, name, 'go.sum'))]).toEqual([name, needsSums]);
  }
});

function namespaces(): string[] {
  return spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
    .stdout.split('\n')
    .map((line) => line.split(' ')[0] ?? '');
}
