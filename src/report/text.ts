/**
 * For people: the answer first, then one line of counts, so that "nothing found" never looks like
 * "nothing was read". One file in text-of/ for each kind of result.
 */
import { painter } from './columns';
import type { Report, Reported, ReportOptions } from './report';
import type { TextOptions } from './text-of/options';
import { diffText } from './text-of/diff';
import { explainText } from './text-of/explain';
import { exposureText } from './text-of/exposure';
import { lintText } from './text-of/lint';
import { reachText } from './text-of/reach';
import { testText } from './text-of/test';
import { countsText, notAnalyzedText } from './words';

export const text: Report = {
  mediaType: 'text/plain',
  *render(result, options) {
    const summary = yield* answer(result, { ...options, paint: painter(options.color) });
    yield lastLine(result, summary, options);
  },
};

/** The answer; returns its summary. */
function answer(result: Reported, options: TextOptions): Generator<string, string> {
  switch (result.query) {
    case 'reach':
      return reachText(result, options);
    case 'explain':
      return explainText(result, options);
    case 'exposure':
      return exposureText(result, options);
    case 'lint':
      return lintText(result, options);
    case 'diff':
      return diffText(result, options);
    case 'test':
      return testText(result, options);
  }
}

/** A quiet report still says what it does not know. */
function lastLine(result: Reported, summary: string, { quiet }: ReportOptions): string {
  const missing = notAnalyzedText(result);
  if (quiet) return result.notAnalyzed.length === 0 ? '' : `${missing}\n`;
  const counts = countsText(result);
  return `${[summary, counts, missing].filter((part) => part !== '').join('. ')}\n`;
}
