/** The program that listens and dials in the network namespaces of pods (go/netprobe). */

import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import path from 'node:path';
import type { Interface } from 'node:readline';
import { createInterface } from 'node:readline';
import type { Program } from '../harness/build';
import { built } from '../harness/build';
import { start } from '../harness/processes';
import type { Run } from '../harness/run';

const NETPROBE: Program = { module: 'netprobe', package: '.', binary: 'netprobe' };

/** A port of a pod, in the pod's network namespace. */
export interface Listener {
  readonly networkNamespace: string;
  /** What it answers, so that nobody else can answer in its place. */
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

/** A port that is dialed from `networkNamespace`. */
export interface Dial extends Listener {
  readonly address: string;
}

/** `exchanged`: data came back from whom it was sent to; not these two: what went wrong. */
export type Dialed = 'exchanged' | 'silent' | (string & {});

interface Answer {
  readonly dialed: readonly Dialed[] | null;
  readonly error?: string;
}

/** One question after the other. */
export class Prober {
  private readonly lines: AsyncIterator<string>;

  private constructor(
    private readonly socket: Socket,
    lines: Interface,
  ) {
    this.lines = lines[Symbol.asyncIterator]();
  }

  static async start(run: Run): Promise<Prober> {
    const file = path.join(run.folder, 'netprobe.sock');
    await start(run, {
      name: 'netprobe',
      command: await built(NETPROBE),
      args: [file],
      ready: () => existsSync(file),
    });
    const socket = connect(file);
    return new Prober(socket, createInterface({ input: socket }));
  }

  /** From now on; who listens already goes on. */
  async listen(listeners: readonly Listener[]): Promise<void> {
    await this.ask({ listen: listeners });
  }

  /** All at once; who has not answered when for `quietMs` nothing more happened is silent. */
  async dial(dials: readonly Dial[], quietMs: number): Promise<readonly Dialed[]> {
    return (await this.ask({ dial: dials, quietMs })).dialed ?? [];
  }

  private async ask(question: object): Promise<Answer> {
    this.socket.write(`${JSON.stringify(question)}\n`);
    const line = await this.lines.next();
    if (line.done === true) throw new Error('netprobe has ended');
    const answer = JSON.parse(line.value) as Answer;
    if (answer.error !== undefined) throw new Error(`netprobe: ${answer.error}`);
    return answer;
  }
}
