/**
 * Short names: `mlflow/mlflow` for `mlflow/Deployment/mlflow`, where no other workload of the result
 * would have the same one.
 */
import { printable } from './words';

/** Shortens a workload's id; blocks of addresses stay as they are. */
export type Shorten = (id: string) => string;

/** `ids` are all workloads that the report may name. */
export function shortNames(ids: Iterable<string>): Shorten {
  const owners = new Map<string, string>();
  const shared = new Set<string>();
  for (const id of ids) {
    const short = shortOf(id);
    const owner = owners.get(short);
    if (owner !== undefined && owner !== id) shared.add(short);
    owners.set(short, id);
  }
  return (id) => {
    const short = shortOf(id);
    return printable(shared.has(short) ? id : short);
  };
}

/** Kind of a workload by its id; empty for a block of addresses. */
export function kindOf(id: string): string {
  const [, kind, name] = id.split('/');
  return name === undefined ? '' : (kind ?? '');
}

/** Namespace of a workload; a block of addresses is its own. */
export function namespaceOf(id: string): string {
  const [namespace = id, , name] = id.split('/');
  return name === undefined ? id : namespace;
}

function shortOf(id: string): string {
  const [namespace, , ...name] = id.split('/');
  return namespace === undefined || name.length === 0 ? id : `${namespace}/${name.join('/')}`;
}
