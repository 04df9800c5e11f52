/**
 * The service mesh: whether there is one, and the names under which it is known.
 */
import { fixFields } from '../values/immutable';
import { refuse } from '../values/problem';
import { checkedNamespace, checkedPodLabels } from './checks';
import type { PodGroup } from './pod-group';
import type { MeshData, MeshMode } from './profile-data';

/** Names of an Istio installation. */
export interface MeshOptions {
  /**
   * Trust domain of the identities.
   *
   * @default 'cluster.local'
   */
  readonly trustDomain?: string;

  /**
   * Namespace of istiod and of the policies that hold for the whole mesh.
   *
   * @default 'istio-system'
   */
  readonly rootNamespace?: string;

  /**
   * Labels of istiod's pods.
   *
   * @default - `app: istiod`
   */
  readonly controlPlaneLabels?: Record<string, string>;

  /**
   * Back ends that proxies send traces, metrics and access logs to, each with its ports.
   *
   * @default - none: proxies report to nobody, or to back ends that nothing isolates them from
   */
  readonly telemetry?: PodGroup[];
}

/** The service mesh of the cluster. */
export class Mesh {
  /** No mesh: HTTP rules and identities cannot be enforced. */
  public static none(): Mesh {
    return new Mesh(meshData('Mesh.none', 'none'));
  }

  /** Istio with a proxy beside every container. */
  public static sidecar(options: MeshOptions = {}): Mesh {
    return new Mesh(meshData('Mesh.sidecar', 'sidecar', options));
  }

  /** Istio ambient: a proxy per node, and waypoints for HTTP rules. */
  public static ambient(options: MeshOptions = {}): Mesh {
    return new Mesh(meshData('Mesh.ambient', 'ambient', options));
  }

  /** @internal */
  public static _of(data: MeshData): Mesh {
    return new Mesh(data);
  }

  private constructor(
    /** @internal */
    readonly _data: MeshData,
  ) {
    fixFields(this);
  }

  /** Whether there is a mesh. */
  public get enabled(): boolean {
    return this._data.mode !== 'none';
  }

  /** Readable form: `no mesh`, `sidecar mesh`, `ambient mesh`. */
  public toString(): string {
    return this.enabled ? `${this._data.mode} mesh` : 'no mesh';
  }
}

/** `app: istiod`: istio/istio:manifests/charts/istio-control/istio-discovery/templates/deployment.yaml */
function meshData(where: string, mode: MeshMode, options: MeshOptions = {}): MeshData {
  const {
    trustDomain = 'cluster.local',
    rootNamespace = 'istio-system',
    controlPlaneLabels = { app: 'istiod' },
    telemetry = [],
  } = options;
  checkTrustDomain(`${where}: trustDomain`, trustDomain);
  for (const [index, backend] of telemetry.entries()) checkBackend(where, index, backend);
  return {
    mode,
    trustDomain,
    rootNamespace: checkedNamespace(`${where}: rootNamespace`, rootNamespace),
    controlPlaneLabels: checkedPodLabels(`${where}: controlPlaneLabels`, controlPlaneLabels),
    ...(telemetry.length > 0 && {
      telemetry: telemetry.map(({ name, _data }) => ({ name, ..._data })),
    }),
  };
}

/** spiffe/spiffe:standards/SPIFFE-ID.md, 2.1 */
function checkBackend(where: string, index: number, { name, _data }: PodGroup): void {
  if (_data.ports.length > 0) return;
  refuse({
    code: 'telemetry-ports',
    where: `${where}: telemetry[${String(index)}]`,
    got: name,
    expected: 'a back end with the ports that proxies report to',
    fix: `PodGroup.of({ name: '${name}', namespace, labels, ports: [Port.grpc(4317)] })`,
  });
}

function checkTrustDomain(where: string, trustDomain: string): void {
  if (/^[a-z0-9._-]{1,255}$/.test(trustDomain)) return;
  refuse({
    code: 'trust-domain',
    where,
    got: trustDomain,
    expected:
      'a trust domain: at most 255 characters of a-z, 0-9, ".", "-" and "_", without "spiffe://"',
    fix: `'cluster.local'`,
  });
}
