/** Policies that were added, removed or changed between two worlds, and the workloads that each is about. */
import type { Json, Resource } from '../read/resource';
import { evidenceOf, objectName } from './evidence';
import { selects } from './istio/attachment';
import type { Evidence } from './result';
import type { World } from './world';

export interface Rewritten {
  readonly how: 'added' | 'removed' | 'changed';
  readonly evidence: Evidence;
  /** By id. */
  readonly about: ReadonlySet<string>;
}

interface Policy {
  readonly resource: Resource;
  readonly about: () => string[];
}

export function rewrittenPolicies(older: World, newer: World): Rewritten[] {
  const [before, after] = [policiesOf(older), policiesOf(newer)];
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
    const [was, now] = [before.get(name), after.get(name)];
    const shown = now ?? was;
    if (shown === undefined) return [];
    if (was && now && canonical(was.resource.object) === canonical(now.resource.object)) return [];
    const how = was === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    const about = new Set([...(was?.about() ?? []), ...(now?.about() ?? [])]);
    return [{ how, evidence: evidenceOf(shown.resource, undefined, how), about }];
  });
}

function policiesOf(world: World): ReadonlyMap<string, Policy> {
  const { cluster, classes, policies, reach } = world;
  const found = new Map<string, Policy>();
  const add = (resource: Resource, places: () => readonly number[]): void => {
    const about = () => places().map((place) => classes[place]?.workload.id ?? '');
    found.set(objectName(resource), { resource, about });
  };
  for (const one of cluster.networkPolicies) add(one.resource, () => policies.selected(one));
  for (const { resource, subject } of cluster.clusterNetworkPolicies) {
    const { sets } = reach.network.compilation;
    add(resource, () => {
      const { sure, maybe } = sets.ofClusterPods(subject);
      return [...sure, ...maybe];
    });
  }
  const { rootNamespace } = cluster.profile.mesh;
  const ofMesh = [
    ...cluster.authorizationPolicies,
    ...cluster.peerAuthentications,
    ...cluster.requestAuthentications,
  ];
  for (const { resource, namespace, spec } of ofMesh) {
    add(resource, () =>
      classes.flatMap(({ index, workload, pods }) => {
        const near = namespace === rootNamespace || workload.namespace === namespace;
        return near && selects(spec, pods.labels) ? [index] : [];
      }),
    );
  }
  return found;
}

/** Equal for objects that say the same, whatever the order of their keys. */
function canonical(json: Json): string {
  return JSON.stringify(json, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
