/**
 * Which line of the user's code is running: the first stack frame that belongs neither to this
 * package nor to the construct libraries, matchers and runtimes underneath it.
 *
 * Locations are relative to the working directory with forward slashes, so that the traffic model
 * file is the same on every machine.
 */
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const OWN_FOLDER = resolve(__dirname, '..') + sep;
const POSITION = /^(.+):(\d+):\d+$/;
const BENEATH =
  /[\\/]node_modules[\\/](?:cdk8s|cdk8s-cli|cdk8s-plus-\d+|constructs|expect|jsii|@(?:jsii|vitest)[\\/][^\\/]+)[\\/]/;
const RUNTIME = /^(?:node:|internal[\\/])|jsii-runtime/;

/** `main.ts:14`, or undefined where the caller is not JavaScript (jsii's other languages). */
export function callerLocation(): string | undefined {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, callerLocation);
  const stack = holder.stack ?? '';
  Error.stackTraceLimit = limit;
  // for another language the caller is jsii's own program, in a folder of its own each time
  if (/\bKernelHost\./.test(stack)) return undefined;
  for (const line of stack.split('\n').slice(1)) {
    const [, file, number] = POSITION.exec(positionOf(line)) ?? [];
    if (file === undefined || number === undefined || file.startsWith('eval at ')) continue;
    const path = file.startsWith('file://') ? fileURLToPath(file) : file;
    if (path.startsWith(OWN_FOLDER) || BENEATH.test(path) || RUNTIME.test(path)) continue;
    return `${relative(process.cwd(), path).split(sep).join('/')}:${number}`;
  }
  return undefined;
}

/** Of `at Chart.add (/ml (1)/main.ts:2:3)` and `at /ml (1)/main.ts:2:3` what says the place. */
function positionOf(frame: string): string {
  const text = frame.replace(/^\s*at (?:async )?/, '');
  return text.endsWith(')') ? text.slice(text.indexOf(' (') + 2, -1) : text;
}
