/**
 * Pods as policies see them: out of a Pod, or of the template that a controller makes pods of.
 */
import type { ContainerFacts, ContainerPort, Labels, PodFacts } from '../cluster';
import { flagAt, labelsAt, numberAt, objectAt, objectsAt, textAt, textsAt } from '../json';
import type { JsonObject } from '../resource';
import { protocolAt } from './protocol';

/** What a controller adds to its template. */
export interface Additions {
  readonly labels?: Labels;
  /** Keys that it sets to values no text shows; `*`: any key. */
  readonly openLabels?: readonly string[];
  readonly annotations?: Labels;
  readonly ports?: readonly ContainerPort[];
  /** False where the operator adds containers whose ports are not documented. */
  readonly portsKnown?: boolean;
  readonly serviceAccount?: string;
  readonly replicas?: number | undefined;
}

/** Pods of a template: `{metadata, spec}`. */
export function podOf(template: JsonObject, additions: Additions = {}): PodFacts {
  const metadata = objectAt(template, 'metadata');
  const spec = objectAt(template, 'spec');
  const { replicas } = additions;
  return {
    labels: joined(labelsAt(metadata, 'labels'), additions.labels),
    ...(additions.openLabels && { openLabels: additions.openLabels }),
    annotations: joined(labelsAt(metadata, 'annotations'), additions.annotations),
    serviceAccount:
      textAt(spec, 'serviceAccountName') ??
      textAt(spec, 'serviceAccount') ??
      additions.serviceAccount ??
      'default',
    hostNetwork: flagAt(spec, 'hostNetwork') ?? false,
    ports: withPorts(portsOf(spec), additions.ports),
    portsKnown: additions.portsKnown ?? true,
    addresses: [],
    nodeAddresses: [],
    ...(replicas !== undefined && { replicas }),
    containers: containersOf(spec),
  };
}

/** A Pod that runs, or may run, with the addresses that its status tells. */
export function livePodOf(pod: JsonObject): PodFacts {
  const status = objectAt(pod, 'status');
  return {
    ...podOf(pod),
    addresses: addressesOf(status, 'podIPs', 'podIP'),
    nodeAddresses: addressesOf(status, 'hostIPs', 'hostIP'),
    replicas: 1,
  };
}

/** Succeeded and Failed pods have no address any more, and nobody reaches them. */
export function isOver(pod: JsonObject): boolean {
  const phase = textAt(objectAt(pod, 'status'), 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Equal for pods that no policy can tell apart. */
export function podKey(pod: PodFacts): string {
  return JSON.stringify([
    Object.entries(pod.labels).sort(([a], [b]) => (a < b ? -1 : 1)),
    Object.entries(pod.annotations).sort(([a], [b]) => (a < b ? -1 : 1)),
    [pod.serviceAccount, pod.hostNetwork, pod.openLabels, pod.portsKnown, pod.inMesh],
    pod.ports,
    pod.addresses,
    pod.nodeAddresses,
    pod.containers,
  ]);
}

/** The second one's labels win: an operator writes over what users write. */
export function joined(labels: Labels, more: Labels | undefined): Labels {
  return more === undefined ? labels : { ...labels, ...more };
}

function addressesOf(status: JsonObject, list: string, single: string): string[] {
  const several = objectsAt(status, list).flatMap((one) => textAt(one, 'ip') ?? []);
  const one = textAt(status, single);
  return several.length > 0 || one === undefined ? several : [one];
}

/** Containers that stay: init containers with restartPolicy Always are sidecars. */
function portsOf(spec: JsonObject): ContainerPort[] {
  const sidecars = objectsAt(spec, 'initContainers').filter(
    (container) => textAt(container, 'restartPolicy') === 'Always',
  );
  return [...objectsAt(spec, 'containers'), ...sidecars].flatMap((container) =>
    objectsAt(container, 'ports').flatMap(portOf),
  );
}

function portOf(declared: JsonObject): ContainerPort[] {
  const [name, port] = [textAt(declared, 'name'), numberAt(declared, 'containerPort')];
  const protocol = protocolAt(declared, 'protocol');
  if (port === undefined || protocol === undefined) return [];
  return [{ ...(name !== undefined && { name }), port, protocol }];
}

/** Ports that an operator adds, unless the template has that number or name already. */
function withPorts(
  own: readonly ContainerPort[],
  added: readonly ContainerPort[] | undefined,
): readonly ContainerPort[] {
  if (added === undefined) return own;
  const isNew = ({ name, port, protocol }: ContainerPort): boolean =>
    !own.some(
      (known) =>
        (known.port === port && known.protocol === protocol) ||
        (name !== undefined && known.name === name),
    );
  return [...own, ...added.filter(isNew)];
}

/** Of all three probes; a port's name is one of the container's own. */
function probedPorts(container: JsonObject): number[] {
  const own = objectsAt(container, 'ports');
  const ports = ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) =>
    ['httpGet', 'grpc'].flatMap((way) => {
      const asked = objectAt(container, probe, way);
      const [number, name] = [numberAt(asked, 'port'), textAt(asked, 'port')];
      const named = own.find((port) => name !== undefined && textAt(port, 'name') === name);
      return number ?? (named && numberAt(named, 'containerPort')) ?? [];
    }),
  );
  return [...new Set(ports)].sort((a, b) => a - b);
}

function containersOf(spec: JsonObject): ContainerFacts[] {
  const facts = (container: JsonObject, init: boolean): ContainerFacts => {
    const probed = probedPorts(container);
    return {
      name: textAt(container, 'name') ?? '',
      init,
      command: [...textsAt(container, 'command'), ...textsAt(container, 'args')],
      ...(probed.length > 0 && { probed }),
    };
  };
  return [
    ...objectsAt(spec, 'initContainers').map((container) => facts(container, true)),
    ...objectsAt(spec, 'containers').map((container) => facts(container, false)),
  ];
}
