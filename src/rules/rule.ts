/**
 * A rule judges a cluster and reports findings. One rule is one file with one object; its examples are
 * run by its test and become its page (docs/rules).
 */
import type { World } from '../engine/world';
import type { Evidence, Place, Severity } from '../engine/result';

/** What a rule found; its code, name and severity are the rule's. */
export interface Found {
  readonly at: Place;
  /** `NetworkPolicy llm-serving/default-deny` */
  readonly object: string;
  /** One sentence in the user's terms, lower case, no full stop. */
  readonly message: string;
  readonly got: string;
  readonly expected: string;
  /** TypeScript that compiles, or the exact change of the YAML. */
  readonly fix: string;
  readonly evidence?: readonly Evidence[];
  /** Where it differs from the rule's. */
  readonly severity?: Severity;
}

export interface RuleExample {
  /** Kubernetes objects. */
  readonly yaml: string;
  /** Facts of the cluster that the example needs, as `--profile` reads them. */
  readonly profile?: string;
}

export interface Rule {
  /** Hundreds by layer: 1 namespace, 2 L3/L4, 3 mesh, 4 L7, 5 hygiene. */
  readonly code: `MLN${number}`;
  /** Kebab-case; name of the file, the test and the page. */
  readonly name: string;
  readonly severity: Severity;
  /** What is wrong, in one sentence. */
  readonly summary: string;
  /** Why it hurts. */
  readonly why: string;
  /** When the rule does not apply, and what to do then. */
  readonly whenNot: string;
  /** `owner/repo#issue`, `owner/repo:path` or a URL. */
  readonly sources: readonly string[];
  readonly examples: { readonly bad: RuleExample; readonly good: RuleExample };
  readonly check: (world: World) => readonly Found[];
}
