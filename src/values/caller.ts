/**
 * Which line of the user's code is running: the first stack frame that belongs neither to this
 * package nor to the construct libraries and runtimes underneath it.
 *
 * Locations are relative to the working directory with forward slashes, so that the traffic model
 * file is the same on every machine.
 */
import { relative, resolve, sep } from 'node:path';

const OWN_FOLDER = resolve(__dirname, '..') + sep;
const FRAME = /\(?([^()\s][^()]*):(\d+):\d+\)?$/;
const BENEATH =
  /[\\/]node_modules[\\/](?:cdk8s|cdk8s-plus-\d+|constructs|jsii|@jsii[\\/][^\\/]+)[\\/]/;
const RUNTIME = /^(?:node:|internal[\\/])|jsii-runtime/;

/** `main.ts:14`, or undefined where the caller is not JavaScript (jsii's other languages). */
export function callerLocation(): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, callerLocation);
  const stack = holder.stack ?? '';
  Error.stackTraceLimit = limit;
  for (const line of stack.split('\n').slice(1)) {
    const [, file, number] = FRAME.exec(line.replace(/^\s*at (?:async )?/, '')) ?? [];
    if (file === undefined || number === undefined) continue;
    const path = file.replace(/^.*\(/, '').replace(/^file:\/\//, '');
    if (path.startsWith(OWN_FOLDER) || BENEATH.test(path) || RUNTIME.test(path)) continue;
    return `${relative(process.cwd(), path).split(sep).join('/')}:${number}`;
  }
  return undefined;
}
