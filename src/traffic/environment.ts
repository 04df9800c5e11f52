/**
 * Environments: one description, and what each environment adds to it.
 *
 * Production and staging allow what is declared and nothing else. What an environment relaxes
 * becomes a flow of the model with the reason "environment baseline", so that it is reported and
 * proved like any other. Metadata addresses stay closed everywhere.
 */
import { fixFields } from '../values/immutable';
import { expectedDnsLabel } from '../values/names';
import { refuse } from '../values/problem';

/** What an environment relaxes. */
export interface EnvironmentOptions {
  /** Short name, used in labels and suffixes: `dev`. */
  readonly name: string;

  /**
   * Whether all pods of one namespace may talk to each other.
   *
   * @default false
   */
  readonly withinNamespace?: boolean;

  /**
   * Whether pods may open connections to the public internet.
   *
   * @default false
   */
  readonly internetEgress?: boolean;
}

/** An environment that the same description is written for. */
export class Environment {
  /** Declared flows only. */
  public static readonly PROD = new Environment({ name: 'prod' });

  /** Declared flows only, as production. */
  public static readonly STAGING = new Environment({ name: 'staging' });

  /** Declared flows, and everything inside a namespace. */
  public static readonly TEST = new Environment({ name: 'test', withinNamespace: true });

  /** What test has, and egress to the public internet. */
  public static readonly DEV = new Environment({
    name: 'dev',
    withinNamespace: true,
    internetEgress: true,
  });

  /** An environment of your own. */
  public static of(options: EnvironmentOptions): Environment {
    const expected = expectedDnsLabel(options.name);
    if (expected !== undefined) {
      refuse({
        code: 'environment-name',
        where: 'Environment.of: name',
        got: options.name,
        expected,
        fix: `Environment.of({ name: 'dev' })`,
      });
    }
    return new Environment(options);
  }

  /** Short name. */
  public readonly name: string;
  /** Whether all pods of one namespace may talk to each other. */
  public readonly withinNamespace: boolean;
  /** Whether pods may open connections to the public internet. */
  public readonly internetEgress: boolean;

  private constructor({ name, withinNamespace, internetEgress }: EnvironmentOptions) {
    this.name = name;
    this.withinNamespace = withinNamespace ?? false;
    this.internetEgress = internetEgress ?? false;
    fixFields(this);
  }

  /** The short name. */
  public toString(): string {
    return this.name;
  }
}
