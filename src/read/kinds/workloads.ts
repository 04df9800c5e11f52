/**
 * Objects -> workloads: pods that run where the text has them, templates where it does not.
 *
 * A template counts beside running pods only where none of them carries its labels, as during a
 * rollout. Templates of what a controller made (ReplicaSets, Jobs) count where its own is missing.
 */
import { carriesLabels } from '../../values/selector';
import type { PodFacts, WorkloadFacts } from '../cluster';
import { numberAt, objectAt } from '../json';
import type { Resource } from '../resource';
import { controllerOf } from './controllers';
import { Owners } from './owners';
import { isOver, livePodOf, podKey } from './pod';

interface Gathered {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  resource: Resource | undefined;
  readonly live: PodFacts[];
  readonly templates: PodFacts[];
  readonly made: PodFacts[];
}

/** Every workload of the manifests, sorted by id. */
export function workloadsOf(resources: readonly Resource[]): WorkloadFacts[] {
  const owners = new Owners(resources);
  const gathered = new Map<string, Gathered>();
  for (const resource of resources) {
    const isPod = resource.kind === 'Pod' && resource.apiVersion === 'v1';
    const podsOf = isPod ? undefined : controllerOf(resource);
    if (isPod ? isOver(resource.object) : podsOf === undefined) continue;
    const group = groupFor(gathered, owners, resource);
    if (podsOf === undefined) group.live.push(livePodOf(resource.object));
    else if (group.resource === resource) group.templates.push(...podsOf(resource));
    else if (numberAt(objectAt(resource.object, 'spec'), 'replicas') !== 0) {
      group.made.push(...podsOf(resource));
    }
  }
  return [...gathered.entries()]
    .map(([id, group]) => workload(id, group))
    .filter(({ pods }) => pods.length > 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function groupFor(gathered: Map<string, Gathered>, owners: Owners, resource: Resource): Gathered {
  const owner = owners.ownerOf(resource);
  const namespace = resource.namespace ?? 'default';
  const id = `${namespace}/${owner.kind}/${owner.name}`;
  const known = gathered.get(id);
  if (known !== undefined) return known;
  const { kind, name } = owner;
  const group: Gathered = {
    ...{ namespace, kind, name, resource: owner.resource },
    ...{ live: [], templates: [], made: [] },
  };
  gathered.set(id, group);
  return group;
}

function workload(id: string, group: Gathered): WorkloadFacts {
  const { namespace, kind, name, resource } = group;
  return {
    ...{ id, namespace, kind, name },
    pods: distinct(podsOf(group)),
    ...(resource && { resource }),
  };
}

function podsOf({ live, templates, made }: Gathered): PodFacts[] {
  const isVague = templates.every((pod) => pod.openLabels?.includes('*') === true);
  const planned = isVague && (made.length > 0 || live.length > 0) ? made : templates;
  const missing = planned.filter(
    ({ labels }) => !live.some((pod) => carriesLabels(pod.labels, labels)),
  );
  return [...live, ...missing];
}

/** Equal pods once, with their number where all of them have one. */
function distinct(pods: readonly PodFacts[]): readonly PodFacts[] {
  if (pods.length < 2) return pods;
  const byKey = new Map<string, PodFacts>();
  for (const pod of pods) {
    const key = podKey(pod);
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? pod : together(known, pod));
  }
  return [...byKey.values()];
}

function together(a: PodFacts, b: PodFacts): PodFacts {
  const { replicas, ...pod } = a;
  const known = replicas !== undefined && b.replicas !== undefined;
  return known ? { ...pod, replicas: replicas + b.replicas } : pod;
}
