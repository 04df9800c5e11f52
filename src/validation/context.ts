/**
 * What cdk8s-cli hands to a plug-in, as far as it is used here: the command line is not a dependency
 * of the package.
 *
 * Source: cdk8s-team/cdk8s-cli:src/plugins/validation.ts (2.207.60)
 */

export interface Context {
  /** Paths of the YAML files that were written. */
  readonly manifests: readonly string[];
  /** Construct paths by whatever name the app recorded. */
  readonly metadata: Readonly<Record<string, { readonly path: string }>>;
  readonly report: {
    addViolation(violation: Violation): void;
    submit(status: 'success' | 'failure', metadata?: Readonly<Record<string, string>>): void;
  };
}

export interface Violation {
  readonly ruleName: string;
  readonly recommendation: string;
  readonly fix: string;
  readonly violatingResources: readonly ViolatingResource[];
}

export interface ViolatingResource {
  /** The key of its construct path in the metadata, where it has one. */
  readonly resourceName: string;
  readonly locations: readonly string[];
  readonly manifestPath: string;
}
