/** Programs that run to their end. */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Written to its standard input. */
  readonly input?: string;
}

/** What a command prints; an Error with what it complains of when it fails. */
export async function output(
  command: string,
  args: readonly string[],
  { input = '', ...options }: CommandOptions = {},
): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: 'pipe' });
  // a command that reads no input and is gone already is judged by its exit code
  child.stdin.on('error', () => undefined).end(input);
  const exit = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? String(signal)));
  });
  const [code, out, errors] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  if (code !== 0) {
    throw new Error(`${command} ${args.join(' ')}: exit ${String(code)}\n${errors.slice(-4000)}`);
  }
  return out;
}
