/**
 * What a report is: a function from a result, which is plain data, to text. It sees nothing else, so
 * that a saved result can be printed later, and it never decides what counts as an objection.
 */
import type {
  DiffResult,
  ExplainResult,
  ExposureResult,
  LintResult,
  ReachStream,
  TestResult,
} from '../engine/result';

/** Any result; connections may be a stream. */
export type Reported =
  ReachStream | ExplainResult | DiffResult | ExposureResult | LintResult | TestResult;

export type Query = Reported['query'];

/** Results with objections: something is wrong at a place. */
export type Judged = LintResult | DiffResult | TestResult;

export interface ReportOptions {
  readonly color: boolean;
  /** Also what is denied, unchanged or passed. */
  readonly all: boolean;
  /** Text without its summary. */
  readonly quiet: boolean;
  /** Of this package, for formats that name their producer. */
  readonly version: string;
}

export interface Report {
  readonly mediaType: string;
  /** In pieces that are written one after the other; together they end with a new line, or are empty. */
  render(result: Reported, options: ReportOptions): Iterable<string>;
}

/** Whether a result can hold objections. */
export function isJudged(result: Reported): result is Judged {
  return result.query === 'lint' || result.query === 'diff' || result.query === 'test';
}
