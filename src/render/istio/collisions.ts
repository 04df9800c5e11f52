/** Objects of one kind, namespace and name: the later one would silently replace the earlier. */
import type { Problem } from '../../values/problem';
import type { MeshObject } from './object';

/** Names that two different objects would have. */
export function collisionProblems(objects: readonly MeshObject[]): Problem[] {
  const known = new Map<string, string>();
  return objects.flatMap((object) => {
    const { kind, namespace, name } = object;
    const key = `${kind} ${namespace}/${name}`;
    const content = JSON.stringify(object);
    const earlier = known.get(key);
    known.set(key, content);
    if (earlier === undefined || earlier === content) return [];
    return [
      {
        code: 'mesh-object-twice',
        where: `${namespace}/${name}`,
        got: `two objects of kind ${kind}`,
        expected: 'names of workloads, Services and providers that give each object its own name',
        fix: 'rename one of the workloads, Services or providers of that name',
      },
    ];
  });
}
