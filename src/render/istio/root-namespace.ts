/**
 * The mesh's root namespace: Istio reads security policies there for the whole mesh, with a selector
 * for the pods of every namespace. None is written there, and what would need one is refused.
 */
import type { MeshDeclaration } from '../../traffic/mesh-data';
import type { Problem } from '../../values/problem';
import type { RenderContext } from '../context';
import { flowProblem } from '../flow-problem';
import { limitOf } from '../limits';

/** Limits of pods in the root namespace. */
export function rootProblems({ model, profile }: RenderContext): Problem[] {
  const { rootNamespace } = profile.mesh;
  const declared = [...model.meshDeclarations.values()].filter((one) =>
    isAbout(one, rootNamespace),
  );
  const limited = [...model.flows.values()].filter(
    (flow) =>
      limitOf(flow) !== undefined &&
      !flow.withoutMesh &&
      flow.to.kind === 'workload' &&
      flow.to.namespace === rootNamespace,
  );
  return [
    ...declared.map((one) => ({ ...problemIn(rootNamespace), where: one.by })),
    ...limited.map((flow) => flowProblem(flow, problemIn(rootNamespace))),
  ];
}

/** Routes and ways out name hosts and pods; everything else is a policy for the mesh there. */
function isAbout(one: MeshDeclaration, rootNamespace: string): boolean {
  return one.kind !== 'egress-gateway' && one.kind !== 'route' && one.namespace === rootNamespace;
}

function problemIn(rootNamespace: string): Omit<Problem, 'where' | 'source'> {
  return {
    code: 'root-namespace',
    got: rootNamespace,
    expected: 'a namespace other than the root namespace, whose policies hold for the whole mesh',
    fix: 'move the pods to a namespace of their own, such as istio-ingress',
  };
}
