/**
 * Mesh objects of a tree, brought in line with what is declared whenever the tree is validated.
 *
 * Which of them exist depends on the whole (an exception to STRICT only where somebody outside the
 * mesh calls), so they are decided when all is known, and not one by one as policies are.
 */
import { ApiObject } from 'cdk8s';
import type { Construct, IConstruct } from 'constructs';
import { ClusterProfile } from '../cluster/profile';
import { NETWORK_POLICY } from '../render/network-policy';
import type { MeshObject } from '../render/istio/object';
import { meshPlan } from '../render/istio/plan';
import { checkIstioObject, isIstioObject } from '../values/istio';
import type { Problem } from '../values/problem';
import { NetpolError } from '../values/problem';
import { policyLabels, policyName } from './names';
import { ANNOTATION, policyProblems } from './policy-object';
import type { Tree } from './tree';
import { treeOf } from './tree';

const MESH_OBJECT = Symbol.for('cdk8s-ml-netpol.MeshObject');

/** Whether a construct is a mesh object that some copy of this package compiled. */
export function isMeshObject(construct: IConstruct): construct is CompiledMeshObject {
  return MESH_OBJECT in construct;
}

/** An Istio object that was compiled from declarations. What leaves it Istio would accept. */
export class CompiledMeshObject extends ApiObject {
  /** Whether the object allows or routes something, or only isolates. */
  public readonly allows: boolean;

  constructor(scope: Construct, id: string, { tree, object }: { tree: Tree; object: MeshObject }) {
    const { apiVersion, kind, namespace, labels, spec, flows, baseline } = object;
    // a waypoint is known by its name: to labels and targetRefs, and by the pods that Istio makes of it
    const isNamed = apiVersion.startsWith('gateway.networking.k8s.io/');
    const name = isNamed
      ? object.name
      : policyName(tree, namespace, object.name, baseline ? 'baseline' : 'own');
    super(scope, id, {
      apiVersion,
      kind,
      metadata: {
        name,
        namespace,
        labels: { ...policyLabels(tree, namespace, baseline), ...labels },
        annotations: flows.length === 0 ? {} : { [ANNOTATION.flows]: flows.join('\n') },
      },
      spec,
    });
    this.allows = object.allows;
    Object.defineProperty(this, MESH_OBJECT, { value: true });
  }

  public override toJson(): unknown {
    const json: unknown = super.toJson();
    const problems = objectProblems(this, json);
    if (problems.length > 0) throw new NetpolError(problems);
    return json;
  }
}

function objectProblems({ kind, node }: CompiledMeshObject, json: unknown): Problem[] {
  if (kind === NETWORK_POLICY.kind) return policyProblems(node.path, json);
  return isIstioObject(json) ? istioProblems(node.path, json) : [];
}

/** What Istio would refuse about an object, told at its construct. */
export function istioProblems(path: string, manifest: unknown): Problem[] {
  return checkIstioObject(manifest)
    .filter(({ severity }) => severity === 'error')
    .map(({ field, got, expected }) => ({
      code: 'istio-invalid',
      where: `${path}: ${field}`,
      got,
      expected,
      fix: 'change what was declared, or the JSON patch that wrote it',
    }));
}

/** Creates the mesh objects that are missing and removes those that nothing asks for any more. */
export function syncMeshObjects(root: IConstruct): void {
  const tree = treeOf(root);
  const profile = ClusterProfile.of(root)._data;
  const wanted = new Map(
    meshPlan({ model: tree.model, profile }).objects.map((object) => [keyOf(object), object]),
  );
  for (const [key, known] of tree.meshObjects) {
    const content = wanted.get(key);
    if (content !== undefined && JSON.stringify(content) === known.content) continue;
    known.object.node.scope?.node.tryRemoveChild(known.object.node.id);
    tree.meshObjects.delete(key);
  }
  for (const [key, object] of wanted) {
    const owner = tree.owners.get(object.namespace);
    if (owner === undefined || tree.meshObjects.has(key)) continue;
    const id = `${object.kind}-${object.name}`;
    const created = new CompiledMeshObject(owner, id, { tree, object });
    tree.meshObjects.set(key, { object: created, content: JSON.stringify(object) });
  }
}

function keyOf({ namespace, kind, name }: MeshObject): string {
  return JSON.stringify([namespace, kind, name]);
}
