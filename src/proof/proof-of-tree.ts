/**
 * The proof as users see it: of a whole construct tree, beside YAML that others wrote. Every synth asks
 * for it; `Proof.of` says what it looked at.
 */
import type { IConstruct } from 'constructs';
import { ClusterProfile } from '../cluster/profile';
import type { WrittenTree } from '../constructs/tree-checks';
import { writtenFiles } from '../constructs/tree-checks';
import { treeOf } from '../constructs/tree';
import { readPaths } from '../read/files';
import { sharedSlot } from '../traffic/shared-root';
import { formatProblem } from '../values/problem';
import type { Proved } from './proof';
import { prove } from './proof';

/** What the written YAML allows, compared with what was declared. */
export class Proof {
  /** Proves the tree that `scope` stands in, as every synth does. */
  public static of(scope: IConstruct): Proof {
    const { root } = scope.node;
    const context = { model: treeOf(root).model, profile: ClusterProfile.of(root)._data };
    return new Proof(proofOfTree({ root, context, files: writtenFiles(root) }));
  }

  /**
   * Reads YAML of others beside what the tree writes, from now on: files, folders and globs. A policy
   * that is left over there and widens something fails the synth.
   */
  public static include(scope: IConstruct, ...paths: string[]): void {
    included(scope).push(...paths);
  }

  /** Directions of isolated pods that were compared. */
  public readonly directions: number;

  /** Kinds of pods that each of them was compared for, strangers among them. */
  public readonly pods: number;

  /** Differences, in words; empty where what is allowed is what was declared. */
  public readonly differences: string[];

  private constructor({ directions, pods, problems }: Proved) {
    this.directions = directions;
    this.pods = pods;
    this.differences = problems.map(formatProblem);
  }

  /** `proved: 26 directions of isolated pods, for 71 kinds of pods and every address: …` */
  public toString(): string {
    const asked = `${String(this.directions)} directions of isolated pods, for ${String(this.pods)} kinds of pods and every address`;
    return this.differences.length === 0
      ? `proved: ${asked}: what is allowed is what was declared`
      : `not proved: ${String(this.differences.length)} differences in ${asked}`;
  }
}

export function proofOfTree({ root, context, files }: WrittenTree): Proved {
  const paths = included(root);
  return prove(context, files, paths.length === 0 ? undefined : readPaths(paths));
}

function included(scope: IConstruct): string[] {
  return sharedSlot(scope, 'included', (): string[] => []).value;
}
