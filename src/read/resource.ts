/**
 * One object of the text: what it says, and where. Positions below the object are found on demand
 * (`locate`), because few of them are ever reported.
 */

/** What YAML and JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A mapping of the text; it may hold any key, `__proto__` among them. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A place in the text; line and column count from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Keys and indexes from an object's root to one of its fields. */
export type FieldPath = readonly (string | number)[];

/** A Kubernetes object with its place. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent: cluster-scoped. An object of a namespaced kind without one lives in `default`. */
  readonly namespace?: string;
  readonly name: string;
  readonly object: JsonObject;
  /** As it was given: relative to the working folder, `-` for stdin. */
  readonly file: string;
  /** Of the object's first line, counted from 1. */
  readonly line: number;
  /** Path of the construct that wrote it, where cdk8s recorded one. */
  readonly constructPath?: string;
  /** What makes the object's meaning doubtful, such as a key that stands twice. */
  readonly unclear: readonly Unclear[];
  /** Where a field stands; of the nearest ancestor that the text has. */
  locate(path?: FieldPath): Position;
}

/** What could not be read; everything else was. */
export interface ReadProblem {
  /** Stable kebab-case name: `yaml-syntax`, `duplicate-key`, `document-too-large`, … */
  readonly code: string;
  readonly at: Position;
  /** What stands there. */
  readonly got: string;
  readonly expected: string;
  readonly fix: string;
  /** What is therefore not analysed, where the problem cost an object or a document. */
  readonly lost?: NotAnalyzed;
}

/** A field that is not understood: what depends on it is UNKNOWN. */
export interface Unclear {
  readonly path: FieldPath;
  /** `unknown field spec.ingress[0].froms` */
  readonly why: string;
}

/** Something that was read and is not understood: verdicts that depend on it are UNKNOWN. */
export interface NotAnalyzed {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly at: Position;
  /** Why: `no evaluator for this kind`, `unknown field spec.foo`. */
  readonly why: string;
}
