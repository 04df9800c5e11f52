/**
 * The one way in: constructs declare namespaces, workloads, isolation and flows here, and the
 * policy objects that follow from them appear.
 *
 * An object appears when a flow and the isolation of its end are both known, whichever comes last,
 * under the construct that owns the namespace. What stands in it is computed when it is written;
 * one that says nothing then is left out.
 */
import type { Construct, IConstruct } from 'constructs';
import { ClusterProfile } from '../cluster/profile';
import type { RenderedPolicy } from '../render/network-policy';
import { renderDefaultDeny } from '../render/network-policy';
import { meshFlowsOfNamespace, meshFlowsOfWorkload, probeFlows } from '../render/implied';
import { planOf } from '../render/plan';
import type { Subject } from '../render/subjects';
import { possibleSubjects, subjectKey, subjectName } from '../render/subjects';
import type {
  Direction,
  FlowData,
  IsolationData,
  NamespaceData,
  WorkloadData,
} from '../traffic/data';
import { DIRECTIONS } from '../traffic/data';
import type { MeshDeclaration } from '../traffic/mesh-data';
import {
  addFlow,
  addIsolation,
  addMeshDeclaration,
  addNamespace,
  addWorkload,
  flowNamespaces,
  flowsTouching,
} from '../traffic/model';
import { sharedSlot } from '../traffic/shared-root';
import { policyLabels, policyName } from './names';
import { ANNOTATION, PolicyObject } from './policy-object';
import type { Tree } from './tree';
import { treeOf } from './tree';
import { validateTree } from './validate';

export function declareNamespace(owner: Construct, namespace: NamespaceData): void {
  const tree = validatedTree(owner);
  addNamespace(tree.model, namespace);
  if (namespace.ownership === 'foreign' || tree.owners.has(namespace.name)) return;
  tree.owners.set(namespace.name, owner);
  for (const direction of DIRECTIONS) writeNamespace(tree, namespace.name, direction);
  ClusterProfile._whenProvided(owner, (profile) => {
    for (const flow of meshFlowsOfNamespace(profile, namespace)) declareFlow(owner, flow);
  });
}

export function declareWorkload(scope: Construct, workload: WorkloadData): void {
  const tree = validatedTree(scope);
  addWorkload(tree.model, workload);
  // flows of a service account end at the workloads that run as it
  if (workload.serviceAccount !== undefined) {
    for (const direction of DIRECTIONS) writeNamespace(tree, workload.namespace, direction);
  }
  ClusterProfile._whenProvided(scope, (profile) => {
    const home = tree.model.namespaces.get(workload.namespace);
    const plumbing = meshFlowsOfWorkload(profile, workload, home);
    for (const flow of [...probeFlows(profile, workload), ...plumbing]) declareFlow(scope, flow);
  });
}

export function declareIsolation(scope: Construct, isolation: IsolationData): void {
  const tree = validatedTree(scope);
  addIsolation(tree.model, isolation);
  for (const direction of isolation.directions) {
    writeNamespace(tree, isolation.namespace, direction);
  }
}

export function declareForMesh(scope: Construct, declaration: MeshDeclaration): void {
  addMeshDeclaration(validatedTree(scope).model, declaration);
}

export function declareFlow(scope: Construct, flow: FlowData): void {
  const tree = validatedTree(scope);
  const known = addFlow(tree.model, flow);
  for (const direction of DIRECTIONS) {
    const named = flowNamespaces(known, direction);
    for (const namespace of named === 'anywhere' ? tree.owners.keys() : named) {
      writeFlow(tree, namespace, direction, known);
    }
  }
}

/**
 * Brings the policy objects in line with the plan: one that an earlier, smaller model needed and
 * that has nothing to say any more goes, so that the objects do not depend on the order either.
 */
function syncPolicies(root: IConstruct): void {
  const tree = treeOf(root);
  const plan = planOf(tree.model, ClusterProfile.of(root)._data);
  for (const [key, policy] of tree.policies) {
    if (plan.has(key)) continue;
    policy.node.scope?.node.tryRemoveChild(policy.node.id);
    tree.policies.delete(key);
  }
  for (const [key, { subject }] of plan) {
    const owner = tree.owners.get(subject.namespace);
    if (owner === undefined || tree.policies.has(key)) continue;
    tree.policies.set(key, policyFor(tree, owner, subject, key));
  }
}

/** The tree's state; whoever declares anything first registers the one validation on the root. */
function validatedTree(scope: Construct): Tree {
  const { root } = scope.node;
  sharedSlot(root, 'validation', () => {
    root.node.addValidation({
      validate: () => {
        syncPolicies(root);
        return validateTree(root);
      },
    });
    return true;
  });
  return treeOf(root);
}

function writeNamespace(tree: Tree, namespace: string, direction: Direction): void {
  if (!tree.owners.has(namespace)) return;
  for (const flow of flowsTouching(tree.model, namespace, direction)) {
    writeFlow(tree, namespace, direction, flow);
  }
}

function writeFlow(tree: Tree, namespace: string, direction: Direction, flow: FlowData): void {
  const owner = tree.owners.get(namespace);
  if (owner === undefined) return;
  for (const subject of possibleSubjects(tree.model, { namespace, direction }, flow)) {
    const key = subjectKey(subject);
    if (!tree.policies.has(key)) tree.policies.set(key, policyFor(tree, owner, subject, key));
  }
}

function policyFor(tree: Tree, owner: Construct, subject: Subject, key: string): PolicyObject {
  const rendered = (): RenderedPolicy | undefined =>
    planOf(tree.model, ClusterProfile.of(owner)._data).get(key);
  const kind = subject.group === 'own' ? 'own' : 'baseline';
  const name = policyName(tree, subject.namespace, subjectName(subject), kind);
  return new PolicyObject(owner, freeId(owner, name), {
    namespace: subject.namespace,
    name,
    labels: policyLabels(tree, subject.namespace, kind === 'baseline'),
    allows: true,
    spec: () => rendered()?.spec ?? renderDefaultDeny(subject.pods, [subject.direction]),
    annotations: () => annotationsOf(rendered()),
    changed: () => {
      tree.model.revision += 1;
    },
  });
}

/** Ids below a namespace are policy names; a child of the user's may have taken one. */
function freeId(owner: Construct, name: string): string {
  return owner.node.tryFindChild(name) === undefined ? name : `${name}-policy`;
}

function annotationsOf(rendered: RenderedPolicy | undefined): Record<string, string> {
  const { flows = [], waivers = [] } = rendered ?? {};
  return {
    ...(flows.length > 0 && { [ANNOTATION.flows]: flows.join('\n') }),
    ...(waivers.length > 0 && { [ANNOTATION.waivers]: waivers.join('\n') }),
  };
}
