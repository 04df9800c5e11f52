/**
 * Checks of the text that a tree is about to write. The writing side does not know what they are: the
 * proof registers itself, and a tree that nobody proves is written all the same.
 */
import { ApiObject, Chart, Yaml } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { RenderContext } from '../render/context';
import type { Problem } from '../values/problem';

/** One file as it will be written. */
export interface WrittenFile {
  readonly file: string;
  readonly text: string;
  /** Construct path by `Kind namespace/name`. */
  readonly constructs: ReadonlyMap<string, string>;
}

export interface WrittenTree {
  readonly root: IConstruct;
  readonly context: RenderContext;
  readonly files: readonly WrittenFile[];
}

export type TreeCheck = (tree: WrittenTree) => readonly Problem[];

const checks = new Set<TreeCheck>();

/** From now on, every tree is checked before it is written. */
export function addTreeCheck(check: TreeCheck): void {
  checks.add(check);
}

export function hasTreeChecks(): boolean {
  return checks.size > 0;
}

export function checkTree(tree: WrittenTree): Problem[] {
  return [...checks].flatMap((check) => check(tree));
}

/** What every chart of the tree becomes; equal for trees that write the same. */
export function writtenFiles(root: IConstruct): WrittenFile[] {
  const files = new Map<string, { objects: object[]; constructs: Map<string, string> }>();
  for (const node of root.node.findAll()) {
    if (!ApiObject.isApiObject(node)) continue;
    const name = `${Chart.of(node).node.path}.k8s.yaml`;
    const file = files.get(name) ?? { objects: [], constructs: new Map<string, string>() };
    file.objects.push(node.toJson() as object);
    const { namespace } = node.metadata;
    const object = namespace === undefined ? node.name : `${namespace}/${node.name}`;
    file.constructs.set(`${node.kind} ${object}`, node.node.path);
    files.set(name, file);
  }
  return [...files].map(([file, { objects, constructs }]) => ({
    ...{ file, constructs },
    text: Yaml.stringify(...objects),
  }));
}
