/** Small trees for tests of constructs: a chart, and what it writes as plain objects. */
import { App, Chart, Testing } from 'cdk8s';
import type { ClusterProfile } from '../../src/cluster/profile';
import { ClusterProfile as Profile } from '../../src/cluster/profile';
import { isNetpolError } from '../../src/values/problem';
import type { Problem } from '../../src/values/problem';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A chart `serving` alone in a plain App. */
export function chartOf(profile?: ClusterProfile): Chart {
  const app = new App();
  if (profile !== undefined) Profile.provide(app, profile);
  return new Chart(app, 'serving');
}

/** What the chart writes. Fails as `cdk8s synth` would. */
export function written(chart: Chart): Manifest[] {
  return Testing.synth(chart) as Manifest[];
}

/** `Kind/name` of everything that the chart writes, sorted. */
export function names(chart: Chart): string[] {
  return written(chart)
    .map(({ kind, metadata }) => `${kind}/${metadata.name}`)
    .sort();
}

/** The NetworkPolicy of that name. */
export function policy(chart: Chart, name: string): Manifest {
  const found = written(chart).find(
    ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === name,
  );
  if (found === undefined)
    throw new Error(`no NetworkPolicy ${name} among ${names(chart).join(', ')}`);
  return found;
}

/** Lines of the errors with which the chart's app fails. */
export function problemsOf(chart: Chart): string[] {
  try {
    written(chart);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message.split('\n').slice(1);
  }
  return [];
}

/** The one problem with which a value is refused. */
export function refusal(act: () => unknown): Problem {
  try {
    act();
  } catch (error) {
    if (!isNetpolError(error) || error.problems[0] === undefined) throw error;
    return error.problems[0];
  }
  throw new Error('nothing was refused');
}
