/**
 * Workloads: pods that belong together, and the flows that they take part in.
 */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { IConstruct } from 'constructs';
import type { ServiceData, ServicePortData, WorkloadData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import { expectedDnsLabel, expectedDnsSubdomain, expectedPortName } from '../values/names';
import type { IPeer, PeerData } from '../values/peer';
import type { PortData } from '../values/port';
import { Port, portData, Protocol } from '../values/port';
import { refuse } from '../values/problem';
import { checkedLabels } from '../values/selector';
import { declareFlow, declareWorkload } from './declare';
import { Endpoint } from './endpoint';
import type { FlowOptions } from './flow-options';
import { flowOf } from './flow-options';
import type { MeshMembership } from '../values/mesh-membership';
import type { IMlNamespace } from './ml-namespace';
import { MlNamespace } from './ml-namespace';
import { readPods } from './pods-of-object';
import { checkedVariants } from './variants';

/** A port of a Service and the pod port behind it. */
export interface WorkloadServicePort {
  /** Port of the Service. */
  readonly port: number;

  /**
   * Number of the container port behind it.
   *
   * @default - the Service's port
   */
  readonly targetPort?: number;

  /**
   * Name of the container port behind it, instead of a number.
   *
   * @default - `targetPort` says which
   */
  readonly targetPortName?: string;

  /**
   * Protocol.
   *
   * @default Protocol.TCP
   */
  readonly protocol?: Protocol;

  /**
   * Name of the port. A mesh reads the protocol from its prefix: `http-web`.
   *
   * @default - no name
   */
  readonly name?: string;

  /**
   * Application protocol, such as `http` or `grpc`.
   *
   * @default - not stated
   */
  readonly appProtocol?: string;
}

/** A Service in front of a workload. */
export interface WorkloadService {
  /** Name of the Service. */
  readonly name: string;

  /** Its ports. */
  readonly ports: WorkloadServicePort[];
}

/** How a workload is recognised and reached. */
export interface WorkloadProps {
  /** Namespace that the pods run in, ours or others'. */
  readonly namespace: IMlNamespace;

  /** Labels that policies select the pods by. */
  readonly labels: Record<string, string>;

  /**
   * Further labels that the pods are known to carry. Peers and isolation by label match them too;
   * policies of this workload select by `labels` alone.
   *
   * @default - only `labels` are known
   */
  readonly podLabels?: Record<string, string>;

  /**
   * Name of the workload, which names its policies.
   *
   * @default - the construct's id
   */
  readonly name?: string;

  /**
   * Service account that the pods run as: their identity in a mesh.
   *
   * @default - not known
   */
  readonly serviceAccount?: string;

  /**
   * Ports that the pods listen on.
   *
   * @default - none: flows to it must name their ports
   */
  readonly ports?: Port[];

  /**
   * Services in front of the pods.
   *
   * @default - none
   */
  readonly services?: WorkloadService[];

  /**
   * Kinds of pods that routes tell apart, such as `stable` and `canary`, each with the labels that
   * its pods carry besides `labels`. Policies do not tell them apart.
   *
   * @default - all pods are alike
   */
  readonly variants?: Record<string, Record<string, string>>;

  /**
   * Whether the pods take part in the mesh.
   *
   * @default - as their namespace
   */
  readonly mesh?: MeshMembership;
}

/** What a manifest cannot say about a workload that is read from it. */
export interface WorkloadFromObjectOptions {
  /**
   * Ports that the pods listen on, with their purpose.
   *
   * @default - the container ports of the manifest, all of purpose service
   */
  readonly ports?: Port[];

  /**
   * Services in front of the pods.
   *
   * @default - none
   */
  readonly services?: WorkloadService[];

  /**
   * Whether the pods take part in the mesh.
   *
   * @default - as their namespace
   */
  readonly mesh?: MeshMembership;
}

/**
 * Pods that belong together. Grants are declared here; they never isolate anybody.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export class Workload extends Construct implements IPeer {
  /**
   * The pods of an object that is written elsewhere in the app: a construct of cdk8s-plus of any
   * version, an ApiObject, or one read by Include. Its selector, labels, service account and
   * container ports are read from it.
   */
  public static fromObject(
    scope: Construct,
    id: string,
    object: IConstruct,
    options: WorkloadFromObjectOptions = {},
  ): Workload {
    const { namespace, ...pods } = readPods(
      `${scope.node.path}/${id}`,
      ApiObject.of(object).toJson(),
    );
    return new Workload(scope, id, {
      ...pods,
      ...options,
      ports: options.ports ?? pods.ports,
      namespace: MlNamespace.fromName(scope, `${id}-namespace`, namespace),
    });
  }

  /** Name of the workload. */
  public readonly workloadName: string;
  /** Name of the namespace that its pods run in. */
  public readonly namespaceName: string;

  constructor(scope: Construct, id: string, props: WorkloadProps) {
    super(scope, id);
    const data = dataOf(this, id, props);
    this.workloadName = data.name;
    this.namespaceName = data.namespace;
    declareWorkload(this, data);
  }

  public get peerName(): string {
    return workloadKey(this.namespaceName, this.workloadName);
  }

  /** Lets a peer call these pods. */
  public allowFrom(peer: IPeer, options: FlowOptions = {}): void {
    declareFlow(this, flowOf({ from: peer, to: this, by: this.node.path }, options));
  }

  /** Lets these pods call a peer. */
  public allowTo(peer: IPeer, options: FlowOptions = {}): void {
    declareFlow(this, flowOf({ from: this, to: peer, by: this.node.path }, options));
  }

  /**
   * Lets these pods talk among themselves, on all ports in both directions unless ports are named:
   * distributed jobs agree on ephemeral ports.
   */
  public allowAmong(options: FlowOptions = {}): void {
    const among = { ...options, ports: options.ports ?? [Port.all()] };
    declareFlow(this, flowOf({ from: this, to: this, by: this.node.path }, among));
  }

  /** These pods, reached on these ports when a flow names none. */
  public endpoint(role: string, ...ports: Port[]): Endpoint {
    return new Endpoint(this, role, ports);
  }

  /** @internal */
  public _peer(): PeerData {
    return { kind: 'workload', namespace: this.namespaceName, name: this.workloadName };
  }
}

function dataOf(construct: Construct, id: string, props: WorkloadProps): WorkloadData {
  const { path } = construct.node;
  const name = props.name ?? id;
  checkName(`${path}: name`, name, expectedDnsLabel, 'workload-name');
  checkNotReserved(path, name);
  if (props.serviceAccount !== undefined) {
    checkName(
      `${path}: serviceAccount`,
      props.serviceAccount,
      expectedDnsSubdomain,
      'account-name',
    );
  }
  const labels = checkedLabels(`${path}: labels`, props.labels);
  if (Object.keys(labels).length === 0) {
    refuse({
      code: 'empty-selector',
      where: `${path}: labels`,
      got: {},
      expected: 'at least one label: without one, policies would select the whole namespace',
      fix: `labels: { app: '${name}' }`,
    });
  }
  const podLabels = { ...checkedLabels(`${path}: podLabels`, props.podLabels ?? {}), ...labels };
  return {
    namespace: props.namespace.namespaceName,
    name,
    labels,
    podLabels,
    variants: checkedVariants(path, props.variants, podLabels),
    serviceAccount: props.serviceAccount,
    ports: checkedPorts(path, (props.ports ?? []).map(portData)),
    services: (props.services ?? []).map((service) => serviceData(path, service)),
    inMesh: props.mesh?.participates,
    by: path,
  };
}

/** Policies are named after workloads; these names belong to the policies of whole namespaces. */
function checkNotReserved(path: string, name: string): void {
  if (name !== 'baseline' && name !== 'all-pods') return;
  refuse({
    code: 'workload-name-reserved',
    where: `${path}: name`,
    got: name,
    expected: 'a name that no policy of a whole namespace has',
    fix: `name: '${name}-pods'`,
  });
}

/** A workload listens on numbers; a name alone could not be written into anybody's egress. */
function checkedPorts(path: string, ports: readonly PortData[]): readonly PortData[] {
  const nameless = ports.find(({ port }) => port === undefined);
  if (nameless !== undefined) {
    refuse({
      code: 'workload-port',
      where: `${path}: ports`,
      got: nameless.name ?? 'all ports',
      expected: 'ports with numbers',
      fix: `Port.http(8080, { name: '${nameless.name ?? 'http'}' })`,
    });
  }
  return ports;
}

function serviceData(path: string, service: WorkloadService): ServiceData {
  checkName(`${path}: services`, service.name, expectedDnsLabel, 'service-name');
  return { name: service.name, ports: service.ports.map((port) => servicePort(path, port)) };
}

function servicePort(path: string, port: WorkloadServicePort): ServicePortData {
  const { targetPortName, targetPort, protocol = Protocol.TCP, name, appProtocol } = port;
  // the checks of a pod port hold for a Service's ports as well
  Port.tcp(port.port);
  if (targetPort !== undefined) Port.tcp(targetPort);
  if (targetPortName !== undefined) {
    checkName(`${path}: targetPortName`, targetPortName, expectedPortName, 'port-name');
  }
  return {
    port: port.port,
    targetPort: targetPortName ?? targetPort ?? port.port,
    protocol,
    name,
    appProtocol,
  };
}

function checkName(
  where: string,
  name: string,
  check: (name: string) => string | undefined,
  code: string,
): void {
  const expected = check(name);
  if (expected !== undefined) refuse({ code, where, got: name, expected, fix: `'model-api'` });
}
