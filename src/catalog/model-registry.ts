/**
 * Model registries and experiment trackers.
 */
import { Component } from '../constructs/component';
import type { Endpoint } from '../constructs/endpoint';
import type { MeshMembership } from '../values/mesh-membership';
import { Port } from '../values/port';

/** What differs between installations of a model registry. */
export interface ModelRegistryOptions {
  /**
   * Name of the workload.
   *
   * @default - the software's name
   */
  readonly name?: string;

  /**
   * Labels of the pods.
   *
   * @default - the labels of the software's community chart
   */
  readonly labels?: Record<string, string>;

  /**
   * Service account that the pods run as.
   *
   * @default - not known
   */
  readonly serviceAccount?: string;

  /**
   * Whether the pods take part in the mesh.
   *
   * @default - as their namespace
   */
  readonly mesh?: MeshMembership;
}

/** A model registry. */
export class ModelRegistry extends Component {
  /**
   * MLflow's tracking server: pods labelled `app.kubernetes.io/name: mlflow`, HTTP 5000 behind
   * Service port 80. Clients upload artifacts to the object store themselves unless the server
   * proxies them, so they may need a flow to it as well.
   *
   * @see https://github.com/community-charts/helm-charts/tree/main/charts/mlflow
   */
  public static mlflow(options: ModelRegistryOptions = {}): ModelRegistry {
    const { name = 'mlflow', serviceAccount, mesh } = options;
    return new ModelRegistry('ModelRegistry.mlflow()', {
      name,
      // community-charts/helm-charts:charts/mlflow/templates/_helpers.tpl
      labels: options.labels ?? { 'app.kubernetes.io/name': 'mlflow' },
      // community-charts/helm-charts:charts/mlflow/values.yaml (service.containerPort, service.port)
      roles: { tracking: [Port.http(5000, { name: 'mlflow' })] },
      services: [{ name, ports: [{ port: 80, targetPortName: 'mlflow', name: 'http' }] }],
      serviceAccount,
      mesh,
    });
  }

  /** Tracking and registry API. */
  public get tracking(): Endpoint {
    return this.role('tracking');
  }
}
