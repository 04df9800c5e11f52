/** Whose pods need the API server, as far as the input shows it. */
import { objectAt, objectsAt, textAt } from '../read/json';
import { Protocol } from '../values/port';
import type { PodClass } from '../engine/pods';
import type { World } from '../engine/world';

/** `namespace/account` of every account that some binding gives rights to. */
export function boundAccounts({ cluster }: World): ReadonlySet<string> {
  const bindings = cluster.others.filter(({ kind }) => /^(Cluster)?RoleBinding$/.test(kind));
  return new Set(
    bindings.flatMap(({ object, namespace }) =>
      objectsAt(object, 'subjects')
        .filter((subject) => textAt(subject, 'kind') === 'ServiceAccount')
        .map(
          (one) => `${textAt(one, 'namespace') ?? namespace ?? ''}/${textAt(one, 'name') ?? ''}`,
        ),
    ),
  );
}

/** Why the pods need the API server; undefined: nothing says so. */
export function needsApiServer(
  { workload, pods }: PodClass,
  bound: ReadonlySet<string>,
): string | undefined {
  const { serviceAccount, labels } = pods;
  if (serviceAccount !== 'default' && bound.has(`${workload.namespace}/${serviceAccount}`)) {
    if (saysNoToken(workload.resource?.object)) return undefined;
    return `service account ${serviceAccount} has rights`;
  }
  if (Object.hasOwn(labels, 'control-plane')) {
    return `label control-plane: ${labels['control-plane'] ?? ''}`;
  }
  const key = ['app', 'app.kubernetes.io/name'].find((one) =>
    /-(operator|controller|controller-manager)$/.test(labels[one] ?? ''),
  );
  return key === undefined ? undefined : `label ${key}: ${labels[key] ?? ''}`;
}

/** Pods that get no token cannot use their account's rights. */
function saysNoToken(object: Parameters<typeof objectAt>[0] | undefined): boolean {
  if (object === undefined) return false;
  const spec = objectAt(object, 'spec');
  const ofPod = Object.keys(objectAt(spec, 'template')).length > 0;
  const pod = ofPod ? objectAt(spec, 'template', 'spec') : spec;
  return pod['automountServiceAccountToken'] === false;
}

/** Whether network policy lets, or may let, the pods reach an address where the API server may be. */
export function mayReachApiServer(world: World, place: number): boolean {
  const { addresses, ports } = world.cluster.profile.apiServer;
  const { pool } = world.reach;
  const wanted = ports.length === 0 ? [443, 6443] : ports;
  if (addresses.length === 0) {
    const open = world.toAnyAddress(place, 'egress');
    return wanted.some((port) => pool.has(open, Protocol.TCP, port));
  }
  return addresses.some((cidr) => {
    const verdict = world.ofAddress(place, 'egress', cidr.split('/')[0] ?? cidr);
    return (
      verdict !== undefined &&
      wanted.some((port) => world.word(verdict, Protocol.TCP, port) !== 'DENIED')
    );
  });
}

/** Policies that no evaluator understands may allow it: Cilium's `toEntities`, for one. */
export function isBeyondUs({ cluster }: World, namespace: string): boolean {
  return cluster.notAnalyzed.some(
    (one) => one.namespace === undefined || one.namespace === namespace,
  );
}
