/**
 * What a test file makes on the machine, and its end: process groups, network namespaces, folders.
 *
 * One process per run (undo.sh) keeps the list and undoes it when the pipe from here closes. That
 * is how end() works, and what a crash, an interrupt and a hard kill come to by themselves: there is
 * one way to clean up, and every run takes it.
 */

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { output } from './output';

export class Run {
  /** In the names of everything that others could see: two runs at once share none. */
  readonly id = randomBytes(3).toString('hex');
  /** Removed with the run: logs, keys, databases. */
  readonly folder: string;
  private readonly undo: ChildProcess;
  private readonly undone: Promise<void>;

  constructor() {
    // detached: an interrupt from the terminal goes to the run's process group, and not to this one
    this.undo = spawn('sh', [path.join(__dirname, 'undo.sh')], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.undone = new Promise((resolve) => this.undo.once('exit', () => resolve()));
    // A run that nobody ended does not keep jest alive: jest's end is its end.
    this.undo.unref();
    this.folder = mkdtempSync(path.join(tmpdir(), `engines-${this.id}-`));
    this.onEnd(`folder ${this.folder}`);
  }

  /** A new network namespace with its loopback device up; answers its name. */
  async networkNamespace(label: string): Promise<string> {
    const name = `mlnp-${this.id}-${label}`;
    this.onEnd(`netns ${name}`); // first: removing what is not there harms nobody
    await output('ip', ['netns', 'add', name]);
    await output('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
    return name;
  }

  /** One line of undo.sh's language. */
  onEnd(line: string): void {
    this.undo.stdin?.write(`${line}\n`);
  }

  /** `line` needs no undoing any more. */
  forget(line: string): void {
    this.onEnd(`forget ${line}`);
  }

  /** Undoes everything; call it in afterAll. */
  async end(): Promise<void> {
    this.undo.ref();
    this.undo.stdin?.end();
    await this.undone;
  }
}
