/**
 * What one construct tree has in common: its traffic model, where policies are attached, and the
 * policy objects that exist so far. Shared by all copies of the package in the app.
 */
import type { ApiObject } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import type { Environment } from '../traffic/environment';
import type { ModelState } from '../traffic/model';
import { emptyModel } from '../traffic/model';
import { sharedSlot } from '../traffic/shared-root';
import type { PolicyObject } from './policy-object';

export interface Tree {
  readonly model: ModelState;
  /** Where the policies of a namespace are attached: the construct that owns it. */
  readonly owners: Map<string, Construct>;
  /** Policy objects by subject key. */
  readonly policies: Map<string, PolicyObject>;
  /** Mesh objects by kind, namespace and name, with the content that they were made of. */
  readonly meshObjects: Map<string, { readonly object: ApiObject; readonly content: string }>;
  /** What namespaces inherit when they do not say otherwise. */
  defaults: NamespaceDefaults;
}

export interface NamespaceDefaults {
  readonly environment?: Environment;
  readonly policySuffix?: string;
}

/** The state of the tree that `scope` stands in. */
export function treeOf(scope: IConstruct): Tree {
  return sharedSlot(scope, 'tree', (): Tree => ({
    model: emptyModel(),
    owners: new Map(),
    policies: new Map(),
    meshObjects: new Map(),
    defaults: {},
  })).value;
}
