/**
 * The one validation of a construct tree: problems of the model, objects that stand twice, and
 * policies that the API server would refuse. All at once.
 *
 * A stock App may run every validation once per chart, so the answer is remembered until the model,
 * the objects of the tree, or somebody else's policies change. Where nothing is wrong with what was
 * declared, the text about to be written is checked (tree-checks.ts), remembered by its digest.
 */
import { createHash } from 'node:crypto';
import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { ClusterProfile } from '../cluster/profile';
import { modelProblems } from '../render/problems';
import type { Problem } from '../values/problem';
import { formatProblem, isNetpolError } from '../values/problem';
import { today } from '../values/today';
import { isMeshObject, syncMeshObjects } from './mesh-objects';
import { isPolicyObject, policyProblems } from './policy-object';
import { checkTree, hasTreeChecks, writtenFiles } from './tree-checks';
import type { Tree } from './tree';
import { treeOf } from './tree';

interface Answer {
  readonly fingerprint: string;
  readonly problems: readonly string[];
}

const remembered = new WeakMap<Tree, Answer>();
const checked = new WeakMap<Tree, Answer>();

export function validateTree(root: IConstruct): string[] {
  const problems = declaredProblems(root);
  return problems.length > 0 ? problems : [...problemsOfText(root, treeOf(root))];
}

/** Problems of what was declared, and of the objects that it became. */
function declaredProblems(root: IConstruct): string[] {
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

/** What only the text shows; asked where nothing else is wrong, since one mistake shows in both. */
function problemsOfText(root: IConstruct, tree: Tree): readonly string[] {
  if (!hasTreeChecks()) return [];
  const files = writtenFiles(root);
  const hash = createHash('sha256').update(JSON.stringify(ClusterProfile.of(root)._data));
  for (const { file, text } of files) hash.update(`${file}\0${text}\0`);
  const fingerprint = `${String(tree.model.revision)} ${hash.digest('hex')}`;
  const last = checked.get(tree);
  if (last?.fingerprint === fingerprint) return last.problems;
  const context = { model: tree.model, profile: ClusterProfile.of(root)._data };
  const problems = [...new Set(checkTree({ root, context, files }).map(formatProblem))].sort();
  checked.set(tree, { fingerprint, problems });
  return problems;
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
