/**
 * State that belongs to a whole construct tree and that several copies of the package share.
 *
 * An app may load this package twice (its own and the one of a library of charts). Both find the
 * same state under one registered symbol on the tree's root, as long as their model schema is
 * equal; otherwise the app would be compiled from two half models, so it is refused.
 */
import type { IConstruct } from 'constructs';
import { packageInfo } from '../values/package-info';
import { refuse } from '../values/problem';
import { MODEL_SCHEMA } from './data';

const SHARED = Symbol.for('cdk8s-ml-netpol.shared');

interface SharedState {
  readonly schema: number;
  readonly folder: string;
  readonly version: string;
  readonly slots: Map<string, { value: unknown }>;
}

/** The value of a slot on the root of the tree that `scope` stands in, created on first use. */
export function sharedSlot<T>(scope: IConstruct, slot: string, create: () => T): { value: T } {
  const { slots } = sharedState(scope.node.root);
  let found = slots.get(slot);
  if (found === undefined) {
    found = { value: create() };
    slots.set(slot, found);
  }
  return found as { value: T };
}

function sharedState(root: IConstruct & { [SHARED]?: SharedState }): SharedState {
  const existing = root[SHARED];
  if (existing === undefined) {
    const created = { schema: MODEL_SCHEMA, ...packageInfo(), slots: new Map() };
    Object.defineProperty(root, SHARED, { value: created });
    return created;
  }
  if (existing.schema !== MODEL_SCHEMA) {
    const own = packageInfo();
    refuse({
      code: 'incompatible-copies',
      where: 'cdk8s-ml-netpol',
      got: [`${existing.version} in ${existing.folder}`, `${own.version} in ${own.folder}`],
      expected: 'copies of the package with the same traffic model schema in one app',
      fix: 'npm dedupe, or install one version of cdk8s-ml-netpol for both',
    });
  }
  return existing;
}
