/**
 * The one validation of a construct tree: problems of the model, objects that stand twice, and
 * policies that the API server would refuse. All at once.
 *
 * A stock App runs every validation once per chart, so the answer is remembered until the model,
 * the objects of the tree, or somebody else's policies change.
 */
import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { ClusterProfile } from '../cluster/profile';
import { modelProblems } from '../render/problems';
import type { Problem } from '../values/problem';
import { formatProblem, isNetpolError } from '../values/problem';
import { isMeshObject, syncMeshObjects } from './mesh-objects';
import { isPolicyObject, policyProblems } from './policy-object';
import { today } from './today';
import type { Tree } from './tree';
import { treeOf } from './tree';

interface Answer {
  readonly fingerprint: string;
  readonly problems: readonly string[];
}

const remembered = new WeakMap<Tree, Answer>();

export function validateTree(root: IConstruct): string[] {
  const tree = treeOf(root);
  syncMeshObjects(root);
  const objects = root.node.findAll().filter((node) => ApiObject.isApiObject(node));
  const manifests = objects
    .filter((object) => isNetworkPolicy(object) && !isPolicyObject(object))
    .map((object): [path: string, manifest: unknown] => [object.node.path, object.toJson()]);
  const date = today();
  const fingerprint = JSON.stringify([date, tree.model.revision, objects.length, manifests]);
  const last = remembered.get(tree);
  if (last?.fingerprint === fingerprint) return [...last.problems];
  const problems = [
    ...modelProblems({ model: tree.model, profile: ClusterProfile.of(root)._data }, date),
    ...duplicateProblems(objects),
    ...manifests.flatMap(([path, manifest]) => policyProblems(path, manifest)),
    ...objects.filter(isCompiled).flatMap(ownProblems),
  ].map(formatProblem);
  const distinct = [...new Set(problems)].sort();
  remembered.set(tree, { fingerprint, problems: distinct });
  return distinct;
}

/** cdk8s writes both of two equal objects; the second apply would silently replace the first. */
function duplicateProblems(objects: readonly ApiObject[]): Problem[] {
  const paths = new Map<string, string>();
  return objects.flatMap((object) => {
    const { apiGroup, kind, name, metadata, node } = object;
    const namespace = metadata.namespace ?? '';
    const key = JSON.stringify([apiGroup, kind, namespace, name]);
    const first = paths.get(key);
    if (first === undefined) {
      paths.set(key, node.path);
      return [];
    }
    return [
      {
        code: 'object-twice',
        where: node.path,
        got: `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`,
        expected: `one object of that kind and name: ${first} writes it already`,
        fix: 'give one of them another name, or declare it once',
      },
    ];
  });
}

function isCompiled(object: ApiObject): boolean {
  return isPolicyObject(object) || isMeshObject(object);
}

function ownProblems(object: ApiObject): readonly Problem[] {
  try {
    object.toJson();
    return [];
  } catch (error) {
    if (isNetpolError(error)) return error.problems;
    throw error;
  }
}

function isNetworkPolicy({ apiGroup, kind }: ApiObject): boolean {
  return apiGroup === 'networking.k8s.io' && kind === 'NetworkPolicy';
}
