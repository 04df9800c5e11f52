/**
 * Services: the names and ports that stand before pods. A port's target is its own number unless it
 * says otherwise.
 */
import type { ServiceFacts, ServicePort } from '../cluster';
import { field, labelsAt, numberAt, objectAt, objectsAt, textAt, textsAt } from '../json';
import type { JsonObject, Resource } from '../resource';
import { protocolAt } from './protocol';

export function service(resource: Resource): ServiceFacts {
  const metadata = objectAt(resource.object, 'metadata');
  const spec = objectAt(resource.object, 'spec');
  const type = textAt(spec, 'type') ?? 'ClusterIP';
  const selector = labelsAt(spec, 'selector');
  const externalAddresses = textsAt(spec, 'externalIPs');
  const clientRanges = type === 'LoadBalancer' ? clientRangesOf(resource.object) : [];
  const keeps = textAt(spec, 'externalTrafficPolicy') === 'Local';
  // a selector means nothing to an ExternalName: core/v1 types
  const selects = type !== 'ExternalName' && Object.keys(selector).length > 0;
  return {
    namespace: resource.namespace ?? 'default',
    name: resource.name,
    labels: labelsAt(metadata, 'labels'),
    annotations: labelsAt(metadata, 'annotations'),
    ...(selects && { selector }),
    type,
    ports: objectsAt(spec, 'ports').flatMap(servicePort),
    clusterAddresses: clusterAddresses(spec),
    ...(externalAddresses.length > 0 && { externalAddresses }),
    ...(clientRanges.length > 0 && { clientRanges }),
    ...(keeps && { keepsClientAddress: true }),
    resource,
  };
}

/** The field, else the annotation that is older than it: kubernetes/kubernetes:pkg/api/v1/service/util.go */
function clientRangesOf(object: JsonObject): readonly string[] {
  const ranges = textsAt(objectAt(object, 'spec'), 'loadBalancerSourceRanges');
  if (ranges.length > 0) return ranges.map((one) => one.trim());
  const older = labelsAt(objectAt(object, 'metadata'), 'annotations')[SOURCE_RANGES] ?? '';
  return older
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** Of a manifest, or of a traffic model's record. */
export function servicePort(declared: JsonObject): ServicePort[] {
  const port = numberAt(declared, 'port');
  const protocol = protocolAt(declared, 'protocol');
  if (port === undefined || protocol === undefined) return [];
  const target = field(declared, 'targetPort');
  const isTarget = (typeof target === 'number' && target !== 0) || typeof target === 'string';
  const [name, appProtocol] = [textAt(declared, 'name'), textAt(declared, 'appProtocol')];
  return [
    {
      ...(name !== undefined && { name }),
      protocol,
      port,
      targetPort: isTarget && target !== '' ? target : port,
      ...(appProtocol !== undefined && { appProtocol }),
    },
  ];
}

/** Addresses that the API server gave; a headless Service (`None`) has none. */
function clusterAddresses(spec: JsonObject): readonly string[] {
  const several = textsAt(spec, 'clusterIPs');
  const single = textAt(spec, 'clusterIP');
  const all = several.length > 0 || single === undefined ? several : [single];
  return all.filter((address) => address !== 'None');
}
