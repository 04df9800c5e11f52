/**
 * Where a VirtualService leads: the Service that a host means, and the pods of a subset.
 *
 * Source: istio/istio:pkg/config/host and pilot/pkg/model/destination_rule.go
 */
import type { Cluster, IstioFacts } from '../../read/cluster';
import { labelsAt, numberAt, objectAt, objectsAt, textAt } from '../../read/json';
import type { FieldPath, JsonObject } from '../../read/resource';
import type { Backend, BrokenLink } from './declared';
import { closed, doubts, open } from './declared';

interface Found {
  readonly backend?: Backend;
  readonly broken: readonly BrokenLink[];
}

export function destinationOf(
  cluster: Cluster,
  { namespace: home, resource }: IstioFacts,
  destination: JsonObject,
  path: FieldPath,
): Found {
  const because = { resource, path };
  const host = textAt(destination, 'host') ?? '';
  const service = serviceOf(host, home);
  if (service === undefined) {
    return { broken: [open('route-target', `leads to ${host}, no Service`, because)] };
  }
  const port = numberAt(objectAt(destination, 'port'), 'number');
  const backend = { ...service, ...(port !== undefined && { port }), because };
  const subset = textAt(destination, 'subset');
  if (subset === undefined) return { backend, broken: [] };
  const rules = rulesFor(cluster, service, home);
  const broken = rules.flatMap((rule) => doubts(rule.resource, rule.unclear));
  const found = rules
    .flatMap(({ spec }) => objectsAt(spec, 'subsets'))
    .find((one) => textAt(one, 'name') === subset);
  if (found === undefined) {
    const says = `no DestinationRule for ${host} has subset ${subset}`;
    return { backend, broken: [...broken, closed(says, because)] };
  }
  return { backend: { ...backend, labels: labelsAt(found, 'labels') }, broken };
}

/** `name`, `name.ns`, `name.ns.svc`, `name.ns.svc.cluster.local`; a short name is of the home. */
function serviceOf(
  host: string,
  home: string,
): { readonly namespace: string; readonly name: string } | undefined {
  const [name, namespace = home, ...more] = host.replace(/\.svc(?:\.[a-z0-9.-]+)?$/, '').split('.');
  return name === undefined || name === '' || more.length > 0 ? undefined : { namespace, name };
}

function rulesFor(
  cluster: Cluster,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  home: string,
): IstioFacts[] {
  const root = cluster.profile.mesh.rootNamespace;
  return cluster.istioNetworking.filter((one) => {
    if (one.kind !== 'DestinationRule' || ![home, namespace, root].includes(one.namespace)) {
      return false;
    }
    const meant = serviceOf(textAt(one.spec, 'host') ?? '', one.namespace);
    return meant?.namespace === namespace && meant.name === name;
  });
}
