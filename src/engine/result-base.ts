/** What every answer says besides: what was not understood, what could not be read, how much there was. */
import type { ReadProblem } from '../read/resource';
import type { ResultBase, ResultProblem } from './result';
import { isStranger } from './strangers';
import type { World } from './world';

export function resultBase(world: World, problems: readonly ReadProblem[]): ResultBase {
  const { cluster } = world;
  return {
    version: 1,
    notAnalyzed: cluster.notAnalyzed
      .map(({ kind, namespace, name, at, why }) => ({
        ...at,
        kind,
        ...(namespace !== undefined && { namespace }),
        name,
        why,
      }))
      .sort(byPlace),
    problems: problems.map(resultProblem).sort(byPlace),
    counts: {
      workloads: cluster.workloads.filter((one) => !isStranger(one)).length,
      policies:
        cluster.networkPolicies.length +
        cluster.clusterNetworkPolicies.length +
        cluster.authorizationPolicies.length +
        cluster.peerAuthentications.length +
        cluster.requestAuthentications.length,
      namespaces: cluster.namespaces.filter(({ name }) => !name.startsWith('~')).length,
    },
  };
}

export function resultProblem({ code, at, got, expected, fix }: ReadProblem): ResultProblem {
  const { file, line, column } = at;
  return { file, line, column, code, got, expected, fix };
}

interface Placed {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** By file, then as in the text. */
export function byPlace(a: Placed, b: Placed): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
