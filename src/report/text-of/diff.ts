/** What changed in who can reach whom; more access first, it is what a reviewer must not miss. */
import type { DiffChange, DiffResult, Evidence } from '../../engine/result';
import type { Cell } from '../columns';
import { table } from '../columns';
import { shortNames } from '../names';
import { countText, knownText, placeText, printable } from '../words';
import type { TextOptions } from './options';
import { TONES } from './options';

const SIGNS = { widened: '+', narrowed: '-', changed: '~' } as const;

export function* diffText(result: DiffResult, options: TextOptions): Generator<string, string> {
  const { changes, workloads, rewritten } = result;
  const shorten = shortNames([
    ...changes.flatMap(({ from, to }) => [from, to]),
    ...workloads.added,
    ...workloads.removed,
  ]);
  const rows = changes.map((change): Cell[] => {
    const { from, to, protocol, was, now, because } = change;
    const tone = TONES[change.change] ?? 'strong';
    return [
      [`${SIGNS[change.change]} ${change.change}`, tone],
      `${shorten(from)} -> ${shorten(to)}`,
      `now ${knownText(protocol, now)}`,
      `was ${knownText(protocol, was)}`,
      because.map(reasonText).join(', '),
    ];
  });
  yield table(rows, 0, options.paint);
  for (const id of workloads.added) yield `+ workload ${shorten(id)}\n`;
  for (const id of workloads.removed) yield `- workload ${shorten(id)}\n`;
  yield* rewrittenText(rewritten, options);
  return summaryOf(changes);
}

function* rewrittenText(rewritten: readonly Evidence[], { all }: TextOptions): Generator<string> {
  if (rewritten.length === 0) return;
  const policies = countText(rewritten.length, 'policy', 'policies');
  yield `~ rewritten ${policies}, same reach${all ? '' : ' (--all lists them)'}\n`;
  if (all) for (const each of rewritten) yield `    ${reasonText(each)}\n`;
}

function reasonText(evidence: Evidence): string {
  return `${printable(evidence.object)} (${placeText(evidence)})`;
}

function summaryOf(changes: readonly DiffChange[]): string {
  if (changes.length === 0) return 'reach: unchanged';
  const counts = (['widened', 'narrowed', 'changed'] as const).map((kind) => {
    return `${changes.filter(({ change }) => change === kind).length} ${kind}`;
  });
  return `reach: ${counts.join(', ')}, all other pairs unchanged`;
}
