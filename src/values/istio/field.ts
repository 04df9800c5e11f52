/**
 * Where a check stands in a written object: a value, its path, and the list that takes problems.
 *
 * Accessors answer as protobuf does: an absent string is '', an absent number 0, an absent list
 * empty, and null is absent. A value of the wrong type reads as absent here; the CRD layer
 * (crd.ts), which sees every field, refuses it.
 */

/** Which of Istio's two gates refuses: the API server with the CRD, or istiod's webhook. */
export type IstioLayer = 'crd' | 'webhook';

/** One mistake in a written object, as data. */
export interface IstioProblem {
  /** Errors are refused by Istio; warnings are accepted and printed. */
  readonly severity: 'error' | 'warning';
  /** Path from the object's root: `spec.rules[0].from[1].source.principals[0]`. */
  readonly field: string;
  readonly got: unknown;
  /** The rule that the value must meet. */
  readonly expected: string;
  readonly layer: IstioLayer;
}

/** A value of a written object together with its path. */
export class Field {
  constructor(
    readonly value: unknown,
    readonly path: string,
    private readonly layer: IstioLayer,
    private readonly problems: IstioProblem[],
  ) {}

  /** Neither absent nor null; true for empty objects, lists and strings. */
  get isSet(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get text(): string {
    return typeof this.value === 'string' ? this.value : '';
  }

  get number(): number {
    return typeof this.value === 'number' ? this.value : 0;
  }

  get flag(): boolean {
    return this.value === true;
  }

  /** Elements in order, null ones included. */
  get items(): readonly Field[] {
    if (!Array.isArray(this.value)) return [];
    // unlike map, this visits holes
    return Array.from(this.value, (item: unknown, index) => this.child(item, `[${String(index)}]`));
  }

  /** Keys and values of an object or map, in written order, without undefined values. */
  get entries(): readonly (readonly [string, Field])[] {
    if (!isRecord(this.value)) return [];
    return Object.entries(this.value)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, this.child(value, step(key))]);
  }

  at(name: string): Field {
    const value = isRecord(this.value) && Object.hasOwn(this.value, name) ? this.value[name] : null;
    return this.child(value ?? undefined, step(name));
  }

  /** Those of the named children that are set. */
  present(names: readonly string[]): readonly Field[] {
    return names.map((name) => this.at(name)).filter((child) => child.isSet);
  }

  /** Reports an error; `got` where the mistake is not the whole value. */
  refuse(expected: string, got: unknown = this.value): void {
    this.report('error', expected, got);
  }

  /** Reports what Istio accepts with a warning. */
  warn(expected: string, got: unknown = this.value): void {
    this.report('warning', expected, got);
  }

  private report(severity: IstioProblem['severity'], expected: string, got: unknown): void {
    this.problems.push({ severity, field: this.path, got, expected, layer: this.layer });
  }

  private child(value: unknown, suffix: string): Field {
    const path = this.path === '' ? suffix.replace(/^\./, '') : this.path + suffix;
    return new Field(value, path, this.layer, this.problems);
  }
}

/** Whether a value is an object with string keys, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The shortest of all rules. */
export function checkNonEmpty(field: Field): void {
  if (field.text === '') field.refuse('text that is not empty');
}

function step(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
