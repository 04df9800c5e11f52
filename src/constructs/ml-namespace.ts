/**
 * Namespaces: ours, others' that we add policies to, and others' that only occur as peers.
 */
import { ApiObject } from 'cdk8s';
import type { ApiObjectProps } from 'cdk8s';
import { Construct } from 'constructs';
import type { IConstruct } from 'constructs';
import { ClusterProfile } from '../cluster/profile';
import type { MeshMode } from '../cluster/profile-data';
import { hasWaypoint, WAYPOINT } from '../render/istio/waypoints';
import type { Environment } from '../traffic/environment';
import type { NamespaceOwnership } from '../traffic/data';
import { expectedDnsLabel, expectedLabelValue } from '../values/names';
import type { IPeer, PeerData } from '../values/peer';
import { Peer } from '../traffic/peer';
import { Port } from '../values/port';
import { refuse } from '../values/problem';
import { checkedLabels, EVERYTHING } from '../values/selector';
import { declareFlow, declareIsolation, declareNamespace } from './declare';
import { flowOf } from './flow-options';
import type { Isolation } from './isolation';
import type { MeshMembership } from '../values/mesh-membership';
import { PodSecurity } from './pod-security';
import { treeOf } from './tree';

/** A namespace, whoever owns it. As a peer it stands for all of its pods. */
export interface IMlNamespace extends IConstruct, IPeer {
  /** Name of the namespace. */
  readonly namespaceName: string;
}

/** A namespace of ours. */
export interface MlNamespaceProps {
  /**
   * Name of the namespace.
   *
   * @default - the construct's id
   */
  readonly name?: string;

  /**
   * Module of the ML platform that lives here.
   *
   * @default - no module label
   */
  readonly module?: string;

  /**
   * Team that works here.
   *
   * @default - no team label
   */
  readonly team?: string;

  /**
   * Who owns the namespace and its baseline.
   *
   * @default - no owner label
   */
  readonly owner?: string;

  /**
   * Version of the baseline, as its owner counts it.
   *
   * @default - no version label
   */
  readonly baselineVersion?: string;

  /**
   * Environment that the namespace belongs to, with what it relaxes.
   *
   * @default - the platform's environment; in an app without one, declared flows only
   */
  readonly environment?: Environment;

  /**
   * Further labels.
   *
   * @default - none
   */
  readonly labels?: Record<string, string>;

  /**
   * Pod Security level that the namespace enforces.
   *
   * @default - baseline is warned about and audited, nothing is enforced
   */
  readonly podSecurity?: PodSecurity;

  /**
   * Whether pods take part in the mesh unless they say otherwise.
   *
   * @default - in, where the cluster profile has a mesh
   */
  readonly mesh?: MeshMembership;

  /**
   * Appended to the names of all policies that are written here.
   *
   * @default - the platform's suffix; none in an app without one
   */
  readonly policySuffix?: string;
}

/** What is known of a namespace that only occurs as a peer. */
export interface NamespacePeerOptions {
  /**
   * Whether its pods take part in the mesh.
   *
   * @default - not known
   */
  readonly mesh?: MeshMembership;
}

/** A namespace that others own and that we write policies into. */
export interface ExistingNamespaceProps {
  /** Name of the namespace. */
  readonly name: string;

  /** What isolates its pods already. Grants are written only where something isolates. */
  readonly isolation: Isolation;

  /**
   * Labels that the namespace is known to carry.
   *
   * @default - only its name is known
   */
  readonly labels?: Record<string, string>;

  /**
   * Whether pods take part in the mesh unless they say otherwise.
   *
   * @default - in, where the cluster profile has a mesh
   */
  readonly mesh?: MeshMembership;

  /**
   * Appended to the names of all policies that are written here.
   *
   * @default - the platform's suffix; none in an app without one
   */
  readonly policySuffix?: string;
}

/**
 * A namespace with its labels. It isolates nothing: that is `DefaultDeny`.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/
 */
export class MlNamespace extends Construct implements IMlNamespace {
  /** Somebody else's namespace, only as a peer: nothing is written there. */
  public static fromName(
    scope: Construct,
    id: string,
    name: string,
    options: NamespacePeerOptions = {},
  ): IMlNamespace {
    return new NamespaceReference(scope, id, { ...options, name, ownership: 'foreign' });
  }

  /** Somebody else's namespace into which we write policies, but neither the Namespace nor a deny. */
  public static existing(
    scope: Construct,
    id: string,
    props: ExistingNamespaceProps,
  ): IMlNamespace {
    const reference = new NamespaceReference(scope, id, { ...props, ownership: 'existing' });
    for (const isolation of props.isolation._of(props.name)) declareIsolation(reference, isolation);
    return reference;
  }

  public readonly namespaceName: string;

  constructor(scope: Construct, id: string, props: MlNamespaceProps = {}) {
    super(scope, id);
    const { path } = this.node;
    const { defaults } = treeOf(this);
    const environment = props.environment ?? defaults.environment;
    this.namespaceName = checkedNamespaceName(path, props.name ?? id);
    const labels = namespaceLabels(path, this.namespaceName, props, environment);
    declareNamespace(this, {
      name: this.namespaceName,
      ownership: 'ours',
      labels,
      module: props.module,
      environment: environment?.name,
      policySuffix: props.policySuffix ?? defaults.policySuffix ?? '',
      inMesh: props.mesh?.participates,
      owner: props.owner,
      baselineVersion: props.baselineVersion,
      by: path,
    });
    const object = new NamespaceObject(
      this,
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: this.namespaceName, labels: { ...labels } },
      },
      props.mesh,
    );
    this.node.defaultChild = object;
    if (environment !== undefined) this.relax(environment);
  }

  public get peerName(): string {
    return this.namespaceName;
  }

  /** @internal */
  public _peer(): PeerData {
    return podsOf(this.namespaceName);
  }

  private relax(environment: Environment): void {
    const flow = { by: this.node.path, origin: 'environment' } as const;
    const options = { ports: [Port.all()], reason: 'environment baseline' };
    if (environment.withinNamespace) {
      declareFlow(this, flowOf({ ...flow, from: this, to: this }, options));
    }
    if (environment.internetEgress) {
      declareFlow(this, flowOf({ ...flow, from: this, to: Peer.internet() }, options));
    }
  }
}

/** Namespaces are cluster-scoped; a chart's namespace would be stamped on them all the same. */
class NamespaceObject extends ApiObject {
  constructor(
    scope: Construct,
    props: ApiObjectProps,
    private readonly mesh: MeshMembership | undefined,
  ) {
    super(scope, 'Resource', props);
  }

  public override toJson(): unknown {
    // read now: the profile may be provided after the namespace was declared
    const profile = ClusterProfile.of(this)._data;
    const labels: Record<string, string> = meshLabels(profile.mesh.mode, this.mesh);
    if (hasWaypoint({ model: treeOf(this).model, profile }, this.name)) {
      labels['istio.io/use-waypoint'] = WAYPOINT;
      labels['istio.io/ingress-use-waypoint'] = 'true';
    }
    for (const [key, value] of Object.entries(labels)) {
      if (this.metadata.getLabel(key) === undefined) this.metadata.addLabel(key, value);
    }
    const json = super.toJson() as { metadata: { namespace?: string } };
    delete json.metadata.namespace;
    return json;
  }
}

/** Labels by which Istio takes the pods of a namespace into the mesh, or leaves them out. */
function meshLabels(mode: MeshMode, mesh: MeshMembership | undefined): Record<string, string> {
  const participates = mesh?.participates ?? true;
  switch (mode) {
    case 'none':
      return {};
    case 'sidecar':
      return { 'istio-injection': participates ? 'enabled' : 'disabled' };
    case 'ambient':
      return { 'istio.io/dataplane-mode': participates ? 'ambient' : 'none' };
  }
}

interface ReferenceProps extends Partial<Omit<ExistingNamespaceProps, 'isolation'>> {
  readonly name: string;
  readonly ownership: NamespaceOwnership;
}

class NamespaceReference extends Construct implements IMlNamespace {
  public readonly namespaceName: string;

  constructor(scope: Construct, id: string, props: ReferenceProps) {
    super(scope, id);
    const { path } = this.node;
    this.namespaceName = checkedNamespaceName(path, props.name);
    declareNamespace(this, {
      name: this.namespaceName,
      ownership: props.ownership,
      labels: {
        ...checkedLabels(`${path}: labels`, props.labels ?? {}),
        'kubernetes.io/metadata.name': this.namespaceName,
      },
      policySuffix: props.policySuffix ?? treeOf(this).defaults.policySuffix ?? '',
      inMesh: props.mesh?.participates,
      by: path,
    });
  }

  public get peerName(): string {
    return this.namespaceName;
  }

  public _peer(): PeerData {
    return podsOf(this.namespaceName);
  }
}

function podsOf(namespace: string): PeerData {
  return { kind: 'pods', namespaces: { kind: 'names', names: [namespace] }, pods: EVERYTHING };
}

function namespaceLabels(
  path: string,
  name: string,
  props: MlNamespaceProps,
  environment: Environment | undefined,
): Record<string, string> {
  const own = {
    module: props.module,
    team: props.team,
    owner: props.owner,
    'baseline-version': props.baselineVersion,
    environment: environment?.name,
  };
  const marks = Object.entries(own).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const expected = expectedLabelValue(value);
    if (expected !== undefined) {
      refuse({
        code: 'label-value',
        where: `${path}: ${key}`,
        got: value,
        expected,
        fix: `${key}: 'ml-platform'`,
      });
    }
    return [[`cdk8s-ml-netpol/${key}`, value]];
  });
  return {
    ...(props.podSecurity ?? PodSecurity.UNENFORCED)._labels,
    ...(Object.fromEntries(marks) as Record<string, string>),
    ...checkedLabels(`${path}: labels`, props.labels ?? {}),
    'kubernetes.io/metadata.name': name,
  };
}

function checkedNamespaceName(where: string, name: string): string {
  const expected = expectedDnsLabel(name);
  if (expected === undefined) return name;
  return refuse({ code: 'namespace-name', where, got: name, expected, fix: `name: 'ml-training'` });
}
