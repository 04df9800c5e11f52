/**
 * Pods that the Prometheus operator makes: who scrapes and who is told of alarms, and whom policies
 * about scraping name. Its labels are documented as reserved in the API's own text; ports may be more
 * than these, as versions add reloaders and sidecars.
 * Source: prometheus-operator/prometheus-operator:pkg/prometheus, pkg/alertmanager, pkg/thanos
 */
import { Protocol } from '../../values/port';
import type { ContainerPort, Labels, PodFacts } from '../cluster';
import { field, flagAt, isObject, numberAt, objectAt, textAt } from '../json';
import type { JsonObject, Resource } from '../resource';
import { podOf } from './pod';

type PodsOf = (resource: Resource) => readonly PodFacts[];

export const MONITORING_OPERATOR: Readonly<Record<string, PodsOf>> = {
  'monitoring.coreos.com/Prometheus': prometheus,
  'monitoring.coreos.com/PrometheusAgent': prometheusAgent,
  'monitoring.coreos.com/Alertmanager': ({ object, name }) =>
    podsOf(object, {
      labels: { ...reserved('alertmanager', name), alertmanager: name },
      ports: [...web(object, 9093), tcp('mesh-tcp', 9094), udp('mesh-udp', 9094)],
    }),
  'monitoring.coreos.com/ThanosRuler': ({ object, name }) =>
    podsOf(object, {
      labels: { ...reserved('thanos-ruler', name), 'thanos-ruler': name },
      ports: [...web(object, 10902), tcp('grpc', 10901)],
    }),
};

/** Labels that hold a version or the name that a StatefulSet gives. */
const MADE_UP = [
  ...['app.kubernetes.io/version', 'controller-revision-hash', 'apps.kubernetes.io/pod-index'],
  'statefulset.kubernetes.io/pod-name',
];
const SHARD = 'operator.prometheus.io/shard';

function prometheus({ object, name }: Resource): PodFacts[] {
  const thanos = field(objectAt(object, 'spec'), 'thanos');
  const sidecar = isObject(thanos) ? [tcp('http', 10902), tcp('grpc', 10901)] : [];
  return podsOf(object, {
    labels: {
      ...reserved('prometheus', name),
      'operator.prometheus.io/name': name,
      prometheus: name,
    },
    openLabels: [SHARD],
    ports: [...web(object, 9090), ...sidecar],
  });
}

/** An agent may be a DaemonSet, whose pods have no shard. */
function prometheusAgent({ object, name }: Resource): PodFacts[] {
  return podsOf(object, {
    labels: { ...reserved('prometheus-agent', name), 'operator.prometheus.io/name': name },
    openLabels: [SHARD],
    ports: web(object, 9090),
  });
}

interface Made {
  readonly labels: Labels;
  readonly openLabels?: readonly string[];
  readonly ports: readonly ContainerPort[];
}

function podsOf(object: JsonObject, { labels, openLabels = [], ports }: Made): PodFacts[] {
  const spec = objectAt(object, 'spec');
  const template = { metadata: objectAt(spec, 'podMetadata'), spec };
  const shards = numberAt(spec, 'shards') ?? 1;
  const replicas = shards * (numberAt(spec, 'replicas') ?? 1);
  const additions = { labels, openLabels: [...openLabels, ...MADE_UP], ports, replicas };
  return [podOf(template, { ...additions, portsKnown: false })];
}

function reserved(application: string, name: string): Labels {
  return {
    'app.kubernetes.io/name': application,
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/managed-by': 'prometheus-operator',
  };
}

/** The port by its configurable name; none where it listens on the pod itself only. */
function web(object: JsonObject, port: number): ContainerPort[] {
  const spec = objectAt(object, 'spec');
  return flagAt(spec, 'listenLocal') === true ? [] : [tcp(textAt(spec, 'portName') ?? 'web', port)];
}

function tcp(name: string, port: number): ContainerPort {
  return { name, port, protocol: Protocol.TCP };
}

function udp(name: string, port: number): ContainerPort {
  return { name, port, protocol: Protocol.UDP };
}
