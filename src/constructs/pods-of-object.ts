/**
 * Which pods a manifest stands for: its selector, labels, service account and container ports.
 *
 * Understands pods and whatever carries a pod template where Kubernetes' own controllers keep it.
 * A controller's selector identifies its pods for good, while template labels (chart versions)
 * change with every release; policies select by the former.
 */
import { expectedDnsLabel } from '../values/names';
import { Port, Protocol } from '../values/port';
import { refuse } from '../values/problem';
import { checkedLabels } from '../values/selector';

type Fields = Readonly<Record<string, unknown>>;

/** What a manifest says about its pods. */
export interface PodsOfObject {
  readonly namespace: string;
  readonly name: string;
  /** What the controller selects its pods by, else all labels of the pods. */
  readonly labels: Record<string, string>;
  readonly podLabels: Record<string, string>;
  readonly serviceAccount?: string;
  readonly ports: Port[];
}

/** Reads a whole manifest; refuses what has no pods or no namespace. */
export function readPods(path: string, manifest: unknown): PodsOfObject {
  const object = fields(manifest);
  const template = templateOf(object);
  if (template === undefined) {
    return refuse({
      code: 'object-without-pods',
      where: path,
      got: `${text(object['apiVersion']) ?? ''} ${text(object['kind']) ?? ''}`.trim(),
      expected: 'a Pod, or an object with a pod template in spec.template or spec.jobTemplate',
      fix: 'declare its pods: new Workload(this, id, { namespace, labels, ports })',
    });
  }
  const podLabels = labelsOf(path, fields(template['metadata'])['labels']);
  const selector = fields(fields(object['spec'])['selector'])['matchLabels'];
  const labels = selector === undefined ? podLabels : labelsOf(path, selector);
  const identity = { namespace: namespaceOf(path, object), name: nameOf(path, object) };
  if (Object.keys(labels).length === 0) {
    refuse({
      code: 'empty-selector',
      where: path,
      got: {},
      expected: 'pods with at least one label',
      fix: 'set labels on the pod template',
    });
  }
  const spec = fields(template['spec']);
  return {
    ...identity,
    labels,
    podLabels: { ...podLabels, ...labels },
    serviceAccount: text(spec['serviceAccountName']),
    ports: items(spec['containers']).flatMap(containerPorts),
  };
}

function templateOf(object: Fields): Fields | undefined {
  if (object['kind'] === 'Pod' && object['apiVersion'] === 'v1') return object;
  const spec = fields(object['spec']);
  const template = spec['template'] ?? fields(fields(spec['jobTemplate'])['spec'])['template'];
  return template === undefined ? undefined : fields(template);
}

function containerPorts(container: unknown): Port[] {
  return items(fields(container)['ports']).flatMap((port) => {
    const { containerPort, name, protocol } = fields(port);
    if (typeof containerPort !== 'number') return [];
    const options = { name: text(name) };
    if (protocol === Protocol.UDP) return [Port.udp(containerPort, options)];
    if (protocol === Protocol.SCTP) return [Port.sctp(containerPort, options)];
    return [Port.tcp(containerPort, options)];
  });
}

function namespaceOf(path: string, object: Fields): string {
  const namespace = text(fields(object['metadata'])['namespace']);
  if (namespace !== undefined && expectedDnsLabel(namespace) === undefined) return namespace;
  return refuse({
    code: 'object-without-namespace',
    where: path,
    got: namespace,
    expected: 'an object with metadata.namespace',
    fix: `new Chart(app, id, { namespace: 'llm-serving' }), or metadata: { namespace: 'llm-serving' }`,
  });
}

function nameOf(path: string, object: Fields): string {
  const name = text(fields(object['metadata'])['name']);
  if (name !== undefined) return name;
  return refuse({
    code: 'object-without-name',
    where: path,
    got: undefined,
    expected: 'an object with metadata.name',
    fix: `metadata: { name: 'model-api' }`,
  });
}

function labelsOf(path: string, labels: unknown): Record<string, string> {
  return checkedLabels(`${path}: labels`, fields(labels) as Record<string, string>);
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
