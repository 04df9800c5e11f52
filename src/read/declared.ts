/**
 * What traffic models declare -> workloads, services, namespaces and flows.
 *
 * A declared workload stands in for pods whose manifests live elsewhere. It gives way where a
 * manifest of its namespace has pods that carry its labels: what runs is better known than what was
 * declared. Models of several repositories merge; what two of them say alike is one.
 */
import type {
  ContainerPort,
  DeclaredFacts,
  DeclaredFlow,
  Labels,
  PodFacts,
  ServiceFacts,
  WorkloadFacts,
} from './cluster';
import {
  field,
  flagAt,
  isObject,
  labelsAt,
  NO_LABELS,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
} from './json';
import { carriesLabels } from '../values/selector';
import { protocolAt } from './kinds/protocol';
import { servicePort } from './kinds/services';
import { identityOf } from './profile';
import type { JsonObject } from './resource';
import type { TrafficModelData } from './traffic-model';

export interface Declared {
  /** Manifests' workloads, with what only a model knows of them, and declared ones. */
  readonly workloads: readonly WorkloadFacts[];
  readonly services: readonly ServiceFacts[];
  readonly namespaces: readonly { readonly name: string; readonly labels: Labels }[];
  readonly facts: DeclaredFacts;
}

export function declaredBy(
  models: readonly TrafficModelData[],
  manifests: readonly WorkloadFacts[],
  services: readonly ServiceFacts[],
): Declared {
  const records = distinct(models.flatMap(({ records: { workload } }) => workload));
  const index = new LabelIndex(records.length > 0 ? manifests : []);
  const workloads = new Map(manifests.map((one) => [one.id, one]));
  const replaced: { id: string; by: readonly string[] }[] = [];
  const known = new Set(services.map(({ namespace, name }) => `${namespace}/${name}`));
  const added: ServiceFacts[] = [];
  for (const record of records) {
    const declared = workloadOf(record);
    const by = index.carrying(declared.namespace, labelsAt(record, 'labels'));
    if (by.length === 0) {
      // of two models that differ, the first one counts; result.ts has named the other
      if (!workloads.has(declared.id)) workloads.set(declared.id, declared);
    } else replaced.push({ id: declared.id, by });
    for (const id of by) tellMesh(workloads, id, record);
    for (const one of servicesOf(record, by.length === 0 ? declared.id : undefined)) {
      const key = `${one.namespace}/${one.name}`;
      if (!known.has(key)) added.push(one);
      known.add(key);
    }
  }
  return {
    workloads: [...workloads.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    services: [...services, ...added],
    namespaces: models.flatMap((model) => model.records.namespace.map(namespaceOf)),
    facts: { flows: flowsOf(models), waivers: waiversOf(models), replaced },
  };
}

/** Pods of manifests by one of their labels, so that no declared workload looks at all of them. */
class LabelIndex {
  private readonly pods = new Map<string, { readonly id: string; readonly labels: Labels }[]>();

  constructor(workloads: readonly WorkloadFacts[]) {
    for (const { id, namespace, pods } of workloads) {
      for (const { labels } of pods) {
        for (const [key, value] of Object.entries(labels)) {
          const entry = `${namespace}/${key}=${value}`;
          const known = this.pods.get(entry);
          if (known === undefined) this.pods.set(entry, [{ id, labels }]);
          else known.push({ id, labels });
        }
      }
    }
  }

  /** Ids of workloads with such pods; no labels are nobody's. */
  carrying(namespace: string, labels: Labels): string[] {
    const lists = Object.entries(labels).map(
      ([key, value]) => this.pods.get(`${namespace}/${key}=${value}`) ?? [],
    );
    const [rarest] = lists.sort((a, b) => a.length - b.length);
    const found = (rarest ?? []).filter((pod) => carriesLabels(pod.labels, labels));
    return [...new Set(found.map(({ id }) => id))];
  }
}

function workloadOf(record: JsonObject): WorkloadFacts {
  const [namespace, name] = [textAt(record, 'namespace') ?? '', textAt(record, 'name') ?? ''];
  const labels = { ...labelsAt(record, 'labels'), ...labelsAt(record, 'podLabels') };
  const variants = Object.values(objectAt(record, 'variants')).filter(isObject);
  const inMesh = flagAt(record, 'inMesh');
  const podWith = (more: JsonObject): PodFacts => ({
    labels: { ...labels, ...labelsAt({ more }, 'more') },
    annotations: NO_LABELS,
    serviceAccount: textAt(record, 'serviceAccount') ?? 'default',
    hostNetwork: false,
    ports: objectsAt(record, 'ports').flatMap(containerPort),
    portsKnown: false,
    addresses: [],
    nodeAddresses: [],
    ...(inMesh !== undefined && { inMesh }),
    containers: [],
  });
  return {
    ...{ id: `${namespace}/Workload/${name}`, namespace, kind: 'Workload', name },
    pods: [podWith({}), ...variants.map(podWith)],
  };
}

/** Single ports; ranges and "all ports" name no container port. */
function containerPort(port: JsonObject): ContainerPort[] {
  const [number, name] = [numberAt(port, 'port'), textAt(port, 'name')];
  const appProtocol = textAt(port, 'appProtocol');
  // without a protocol a record means every port of every protocol
  const known = field(port, 'protocol') === undefined ? undefined : protocolAt(port, 'protocol');
  if (number === undefined || known === undefined || numberAt(port, 'endPort') !== undefined) {
    return [];
  }
  return [
    {
      ...(name !== undefined && { name }),
      ...{ port: number, protocol: known },
      ...(appProtocol !== undefined && { appProtocol }),
    },
  ];
}

/** A model may know of mesh membership what no label of the manifest says. */
function tellMesh(workloads: Map<string, WorkloadFacts>, id: string, record: JsonObject): void {
  const [known, inMesh] = [workloads.get(id), flagAt(record, 'inMesh')];
  if (known === undefined || inMesh === undefined) return;
  const labels = labelsAt(record, 'labels');
  const pods = known.pods.map((pod) => {
    const isMeant = carriesLabels(pod.labels, labels) && !saysMesh(pod) && pod.inMesh === undefined;
    return isMeant ? { ...pod, inMesh } : pod;
  });
  workloads.set(id, { ...known, pods });
}

function saysMesh({ labels, annotations }: PodFacts): boolean {
  return ['sidecar.istio.io/inject', 'istio.io/dataplane-mode'].some(
    (key) => Object.hasOwn(labels, key) || Object.hasOwn(annotations, key),
  );
}

function servicesOf(record: JsonObject, workload: string | undefined): ServiceFacts[] {
  return objectsAt(record, 'services').map((service) => ({
    namespace: textAt(record, 'namespace') ?? '',
    name: textAt(service, 'name') ?? '',
    labels: NO_LABELS,
    annotations: NO_LABELS,
    selector: labelsAt(record, 'labels'),
    type: 'ClusterIP',
    ports: objectsAt(service, 'ports').flatMap(servicePort),
    clusterAddresses: [],
    ...(workload !== undefined && { workload }),
  }));
}

function namespaceOf(record: JsonObject): { name: string; labels: Labels } {
  return { name: textAt(record, 'name') ?? '', labels: labelsAt(record, 'labels') };
}

function flowsOf(models: readonly TrafficModelData[]): DeclaredFlow[] {
  return distinct(models.flatMap(({ records }) => records.flow)).map((record) => {
    const identity = identityOf(objectAt(record, 'from'));
    return {
      from: textAt(record, 'fromName') ?? '',
      to: textAt(record, 'toName') ?? '',
      reasons: objectsAt(record, 'reasons').flatMap((one) => textAt(one, 'reason') ?? []),
      ...(identity && { identity }),
      record,
    };
  });
}

function waiversOf(models: readonly TrafficModelData[]): { flow: string; what: string }[] {
  return distinct(models.flatMap(({ records }) => records.waiver)).map((record) => ({
    flow: textAt(record, 'flow') ?? '',
    what: textAt(record, 'what') ?? '',
  }));
}

function distinct(records: readonly JsonObject[]): JsonObject[] {
  return [...new Map(records.map((record) => [JSON.stringify(record), record])).values()];
}
