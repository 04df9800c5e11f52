/**
 * Where we may write: into namespaces of ours, and into those that were declared as existing.
 */
import { refuse } from '../values/problem';
import type { Tree } from './tree';

/** Refuses to isolate pods of a namespace that only occurs as a peer. */
export function checkWritable(where: string, tree: Tree, namespace: string): void {
  const ownership = tree.model.namespaces.get(namespace)?.ownership;
  if (ownership === 'ours' || ownership === 'existing') return;
  refuse({
    code: 'namespace-not-ours',
    where,
    got: namespace,
    expected: 'a namespace that we own or write into: it was declared only as a peer',
    fix: `MlNamespace.existing(this, '${namespace}', { name: '${namespace}', isolation: Isolation.BOTH })`,
  });
}
