/**
 * Which workload an object belongs to: the topmost controller above it. Pods of one owner are one
 * workload, and so are the ReplicaSets of a Deployment and the Jobs of a CronJob.
 *
 * Owners above the controllers that make pods (an operator's own kinds) are not climbed to: people
 * know the StatefulSet, not what its operator calls it.
 */
import { flagAt, labelsAt, objectAt, objectsAt, textAt } from '../json';
import type { JsonObject, Resource } from '../resource';
import { isController } from './controllers';

export interface Owner {
  readonly kind: string;
  readonly name: string;
  /** Absent: it is known by references only. */
  readonly resource?: Resource;
}

interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** No object is owned through more steps than these; references may lead in circles. */
const STEPS = 10;

/** Finds the owner of each object among all of them. */
export class Owners {
  private readonly known = new Map<string, Resource>();

  constructor(resources: readonly Resource[]) {
    for (const resource of resources) {
      const { namespace, apiVersion, kind, name } = resource;
      if (namespace !== undefined && isController(apiVersion, kind))
        this.known.set(`${namespace}/${kind}/${name}`, resource);
    }
  }

  /** The topmost controller above the object; itself where there is none. */
  ownerOf(resource: Resource): Owner {
    let owner: Owner = { kind: resource.kind, name: resource.name, resource };
    let object: JsonObject | undefined = resource.object;
    for (let step = 0; step < STEPS && object !== undefined; step += 1) {
      const reference = controllerReference(object);
      if (reference === undefined) return owner;
      // static pods belong to their node, and to nobody else
      const isFirst = step === 0 && resource.kind === 'Pod' && reference.kind !== 'Node';
      if (!isController(reference.apiVersion, reference.kind) && !isFirst) return owner;
      const { kind, name } = reference;
      const found = this.known.get(`${resource.namespace ?? ''}/${kind}/${name}`);
      owner = { kind, name, ...(found && { resource: found }) };
      object = found?.object;
    }
    return owner.resource === undefined ? makerOf(owner, resource) : owner;
  }
}

/** A Deployment names its ReplicaSets `name-hash`, and so does a Rollout. */
function makerOf(owner: Owner, pod: Resource): Owner {
  if (owner.kind !== 'ReplicaSet') return owner;
  const labels = labelsAt(objectAt(pod.object, 'metadata'), 'labels');
  for (const [kind, key] of MAKERS) {
    const hash = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (hash !== undefined && hash !== '' && owner.name.endsWith(`-${hash}`)) {
      return { kind, name: owner.name.slice(0, -hash.length - 1) };
    }
  }
  return owner;
}

const MAKERS = [
  ['Rollout', 'rollouts-pod-template-hash'],
  ['Deployment', 'pod-template-hash'],
] as const;

function controllerReference(object: JsonObject): Reference | undefined {
  const references = objectsAt(objectAt(object, 'metadata'), 'ownerReferences');
  const chosen = references.find((one) => flagAt(one, 'controller') === true) ?? references[0];
  if (chosen === undefined) return undefined;
  const [kind, name] = [textAt(chosen, 'kind'), textAt(chosen, 'name')];
  if (kind === undefined || name === undefined) return undefined;
  return { apiVersion: textAt(chosen, 'apiVersion') ?? '', kind, name };
}
