/** Engines: programs that are started, answer for a while, and are stopped. */

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from './run';

export interface Start {
  /** Name of its log in the run's folder, and in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of the run. */
  readonly env?: NodeJS.ProcessEnv;
  /** Network namespace to run in; that of the run when absent. */
  readonly networkNamespace?: string;
  /** Asked every 50 ms until it answers true; an exception counts as false. */
  readonly ready: (engine: Engine) => boolean | Promise<boolean>;
  /** Default 60 s. */
  readonly readyWithinMs?: number;
}

export interface Engine {
  readonly pid: number;
  /** Everything that it printed. */
  readonly log: () => string;
  /** Ends it and its children: at first kindly, after `graceMs` (default 0) hard. */
  readonly stop: (graceMs?: number) => Promise<void>;
}

/** Starts an engine as a process group of the run; resolves once it is ready. */
export async function start(run: Run, given: Start): Promise<Engine> {
  const { name, networkNamespace, env } = given;
  const [command, args] =
    networkNamespace === undefined
      ? [given.command, given.args]
      : ['ip', ['netns', 'exec', networkNamespace, given.command, ...given.args]];
  const logFile = path.join(run.folder, `${name}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, {
    cwd: run.folder,
    env: { ...process.env, ...env },
    detached: true, // its own process group, which its children join
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref(); // jest's end is its end: it does not keep jest alive
  if (child.pid !== undefined) run.onEnd(`group ${child.pid}`);
  const ended = endOf(child);
  const engine: Engine = {
    pid: child.pid ?? 0,
    log: () => readFileSync(logFile, 'utf8'),
    stop: async (graceMs = 0) => {
      if (child.pid === undefined) return;
      if (graceMs > 0) signal(child.pid, 'SIGTERM');
      if (graceMs > 0) await Promise.race([ended, sleep(graceMs, undefined, { ref: false })]);
      signal(child.pid, 'SIGKILL');
      await ended;
      run.forget(`group ${child.pid}`);
    },
  };
  const state = await readiness(given, engine, ended);
  if (state === 'ready') return engine;
  await engine.stop();
  throw new Error(`${name}: ${state}; the end of its log:\n${engine.log().slice(-3000)}`);
}

/** As many TCP ports as asked that nobody uses on loopback, not even as the near end of a dial. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    // below the range from which the kernel gives ports to those who dial
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) found.add(port);
  }
  return [...found];
}

/** `ready`, or why it never will be. */
async function readiness(
  { ready, readyWithinMs = 60_000 }: Start,
  engine: Engine,
  ended: Promise<string>,
): Promise<string> {
  if (engine.pid === 0) return ended; // there is no such program
  const deadline = Date.now() + readyWithinMs;
  while (Date.now() < deadline) {
    const answer = Promise.resolve()
      .then(() => ready(engine))
      .then((isReady) => (isReady ? 'ready' : 'not yet'))
      .catch(() => 'not yet');
    const state = await Promise.race([ended, answer]);
    if (state !== 'not yet') return state;
    await sleep(50);
  }
  return `not ready within ${readyWithinMs / 1000} s`;
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('exit', (code, by) => resolve(`ended with ${String(code ?? by)}`));
  });
}

/** To a whole group; one that is gone already is as wished. */
function signal(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
