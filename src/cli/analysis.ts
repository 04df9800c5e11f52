/**
 * What the command line asks of the engine, and nothing else. Files are read here for the first time:
 * whoever implements it may be slow to load, so it is loaded when a command needs it.
 */
import type {
  AssertionAnswer,
  DiffResult,
  ExplainResult,
  ExposureResult,
  LintResult,
  ReachStream,
  ResultBase,
  ResultConnection,
  ResultWorkload,
  RuleMetadata,
  Severity,
  VerdictWord,
} from '../engine/result';
import type { Phases } from '../verify/compare';
import type { Untried } from '../verify/probes';

export type { Probe } from '../verify/probes';
export type { Saw } from '../verify/observed';
export type { Seen } from '../verify/compare';

export type ProtocolWord = ResultConnection['protocol'];

/** One end of a connection. */
export type End =
  | { readonly kind: 'workload'; readonly id: string }
  /** A block; a single address is one with its full length. */
  | { readonly kind: 'addresses'; readonly cidr: string };

/** A Service: the pods behind it, on the ports that its ports lead to. */
export interface ServiceEnd {
  readonly kind: 'service';
  readonly namespace: string;
  readonly name: string;
}

/** One connection, and one request on it where it is told. */
export interface Question {
  readonly from: End;
  readonly to: End | ServiceEnd;
  readonly protocol: ProtocolWord;
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  /** By name, in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Claims of a token that the request carries, and that is valid. */
  readonly jwt?: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly verdict: VerdictWord;
  /** Objects that decide: `NetworkPolicy llm-serving/default-deny`. */
  readonly by: readonly string[];
  /** Facts that are missing; empty unless the verdict is UNKNOWN. */
  readonly unknown: readonly string[];
}

/** Ends that are asked about; an absent list: all of them, addresses included. */
export interface ReachFilter {
  readonly from?: readonly End[];
  readonly to?: readonly End[];
}

/** What was read, ready to be asked. */
export interface Analysis {
  readonly about: ResultBase;
  /** Sorted by id. */
  readonly workloads: readonly ResultWorkload[];
  readonly services: readonly ServiceEnd[];
  /** `asked` of the result holds the ids of the filter's workloads. */
  reach(filter: ReachFilter): ReachStream;
  explain(question: Question): ExplainResult;
  ask(question: Question): Answer;
  /** Of these workloads by id; absent: of all. */
  exposure(workloads?: readonly string[]): ExposureResult;
  /** Severities by code, where they are not the rule's own; findings that files acknowledge. */
  lint(
    severities: ReadonlyMap<string, Severity | 'off'>,
    acknowledgements: readonly TextFile[],
  ): LintResult;
  diff(newer: Analysis): DiffResult;
  /** Probes of all declared flows, and of so many pairs that are denied. */
  verification(forbidden: number): Verification;
}

/** What is tried in a live cluster, and what was seen there. */
export interface Verification {
  /** Of the probes. */
  readonly count: number;
  readonly untried: readonly Untried[];
  /** Jobs that run the probes. */
  yaml(image: string): string;
  /** The script that applies them and prints what they saw. */
  script(): string;
  /** What is known of a workload by id, or of a namespace by name, and the commands to look. */
  troubleshooting(of: string): string;
  /** That policies or workloads were read of. */
  readonly namespaces: readonly string[];
  compare(phases: Phases): readonly AssertionAnswer[];
}

export interface TextFile {
  readonly file: string;
  readonly text: string;
}

export interface Inputs {
  /** Files, folders and globs; `-`: standard input. */
  readonly paths: readonly string[];
  readonly stdin?: string;
  /** A file of facts that no manifest shows. */
  readonly profile?: string;
}

export interface Analyzer {
  /** Never throws on content: what cannot be read is told in `about.problems`. */
  open(inputs: Inputs): Analysis;
  rules(): readonly RuleMetadata[];
}
