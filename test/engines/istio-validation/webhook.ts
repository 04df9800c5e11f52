/**
 * The verdict of istiod's validating webhook, by a program of go/istio that runs its code, and ours
 * about the same objects.
 */
import { checkIstioObject } from '../../../src/values/istio';
import type { IstioProblem } from '../../../src/values/istio';
import type { Program } from '../harness/build';
import { built } from '../harness/build';
import { output } from '../harness/output';

const WEBHOOK: Program = { module: 'istio', package: './cmd/webhook', binary: 'istio-webhook' };

export type Verdict = 'accepted' | 'accepted with a warning' | 'refused';

export interface Judged {
  readonly verdict: Verdict;
  /** In the words of whoever judged. */
  readonly message: string;
  /** Of ours: those lines of the message for which an object is refused. */
  readonly errors?: readonly string[];
}

interface Line {
  readonly error?: string;
  readonly warning?: string;
}

/** Every EnvoyFilter gets this one, whatever it says. */
const STANDING =
  /EnvoyFilter exposes internal implementation details[^.]*\. Prefer other APIs[^.]*\./;

/** istiod's answers, in order. */
export async function theirs(objects: readonly object[]): Promise<readonly Judged[]> {
  const input = objects.map((one) => `${JSON.stringify(one)}\n`).join('');
  const lines = (await output(await built(WEBHOOK), [], { input })).trim().split('\n');
  if (lines.length !== objects.length) throw new Error('not an answer per object');
  return lines.map((text): Judged => {
    const { error, warning } = JSON.parse(text) as Line;
    if (error !== undefined) return { verdict: 'refused', message: error };
    const warnings = (warning ?? '').replace(STANDING, '').trim();
    if (warnings !== '') return { verdict: 'accepted with a warning', message: warnings };
    return { verdict: 'accepted', message: '' };
  });
}

/** What we say of the webhook alone; undefined where the CRD refuses, so that it is never asked. */
export function ours(object: object): Judged | undefined {
  const problems = checkIstioObject(object);
  if (problems.some(({ layer }) => layer === 'crd')) return undefined;
  const message = problems.map(worded).join('\n');
  const errors = problems.filter(({ severity }) => severity === 'error').map(worded);
  if (errors.length > 0) return { verdict: 'refused', message, errors };
  return { verdict: problems.length > 0 ? 'accepted with a warning' : 'accepted', message };
}

function worded({ field, expected, got }: IstioProblem): string {
  return `${field}: expected ${expected}, got ${JSON.stringify(got)}`;
}
