/**
 * What reading yields, and how the readings of several files become one: objects that stand twice
 * are problems, the first one counts, and what the second one says is not analysed.
 */
import type { TrafficModelData } from './traffic-model';
import { textAt } from './json';
import type { ReadProblem, Resource } from './resource';
import { groupOf } from './resources';

export interface ReadResult {
  readonly resources: readonly Resource[];
  readonly models: readonly TrafficModelData[];
  readonly problems: readonly ReadProblem[];
}

/** Everything of all of them, objects once. */
export function combine(results: readonly ReadResult[]): ReadResult {
  const problems = results.flatMap((result) => result.problems);
  const known = new Map<string, Resource>();
  const resources: Resource[] = [];
  for (const { resources: some } of results) {
    for (const resource of some) {
      const key = keyOf(resource);
      const first = known.get(key);
      if (first !== undefined) problems.push(duplicate(resource, first));
      else resources.push(resource);
      // names that the API server completes are different objects
      if (first === undefined && !resource.name.endsWith('*')) known.set(key, resource);
    }
  }
  const models = results.flatMap((result) => result.models);
  return { resources, models, problems: [...problems, ...disagreements(models)] };
}

/** What two models say differently: the first one counts. */
function disagreements(models: readonly TrafficModelData[]): ReadProblem[] {
  const problems: ReadProblem[] = [];
  const known = new Map<string, { readonly text: string; readonly file: string }>();
  const compare = (what: string, text: string, file: string): void => {
    const first = known.get(what);
    if (first === undefined) known.set(what, { text, file });
    else if (first.text !== text) problems.push(disagreement(what, file, first.file));
  };
  for (const { file, profile, records } of models) {
    if (profile !== undefined) compare('the cluster profile', JSON.stringify(profile), file);
    for (const record of records.workload) {
      const id = `${textAt(record, 'namespace') ?? ''}/${textAt(record, 'name') ?? ''}`;
      compare(`workload ${id}`, JSON.stringify(record), file);
    }
  }
  return problems;
}

function disagreement(what: string, file: string, first: string): ReadProblem {
  return {
    code: 'models-differ',
    at: { file, line: 1, column: 1 },
    got: `another ${what.replace(/^the /, '')}`,
    expected: `${what} as ${first} has it; that one is read`,
    fix: 'leave one of the models out, or write both again',
  };
}

function keyOf({ apiVersion, kind, namespace, name }: Resource): string {
  return `${groupOf(apiVersion)}/${kind}/${namespace ?? ''}/${name}`;
}

function duplicate(resource: Resource, first: Resource): ReadProblem {
  const { kind, namespace, name } = resource;
  const at = resource.locate();
  const other = first.locate();
  const id = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  const problem = {
    code: 'duplicate-object',
    at,
    got: `${id} again`,
    expected: `once; it stands at ${other.file}:${other.line} already, and that one is read`,
    fix: 'remove one of the two',
  };
  if (JSON.stringify(resource.object) === JSON.stringify(first.object)) return problem;
  const why = `second text of one object; ${other.file}:${other.line} is read`;
  return { ...problem, lost: { kind, ...(namespace && { namespace }), name, at, why } };
}
