/**
 * Training jobs whose pods talk among themselves.
 *
 * NCCL and Gloo bind ephemeral ports, so only "all ports among the pods of one job" works; the job
 * identity label keeps it to that job. Sidecars break rendezvous by pod address, so these pods stay
 * out of the mesh.
 * Sources: NVIDIA/nccl:src/misc/socket.cc; kubeflow/trainer:docs/legacy-v1/user-guides/pytorch.md
 */
import { Component } from '../constructs/component';
import { MeshMembership } from '../values/mesh-membership';
import { Port, PortPurpose } from '../values/port';
import type { Endpoint } from '../constructs/endpoint';

/** What differs between installations of a training job. */
export interface TrainingJobOptions {
  /**
   * Labels of the pods.
   *
   * @default - the label that the operator puts on all pods of the job
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
   * @default MeshMembership.OUT
   */
  readonly mesh?: MeshMembership;
}

/** A distributed training job. */
export class TrainingJob extends Component {
  /**
   * A PyTorchJob of Kubeflow's training operator: pods labelled
   * `training.kubeflow.org/job-name: <name>`, rendezvous on TCP 23456.
   *
   * @see https://www.kubeflow.org/docs/components/trainer/legacy-v1/user-guides/pytorch/
   */
  public static pytorch(name: string, options: TrainingJobOptions = {}): TrainingJob {
    return new TrainingJob(`TrainingJob.pytorch('${name}')`, {
      name,
      // kubeflow/training-operator:pkg/apis/kubeflow.org/v1/common_types.go (JobNameLabel)
      labels: options.labels ?? { 'training.kubeflow.org/job-name': name },
      roles: {
        // kubeflow/training-operator:pkg/apis/kubeflow.org/v1/pytorch_types.go (default port)
        rendezvous: [Port.tcp(23456, { name: 'pytorchjob-port', purpose: PortPurpose.PEER })],
      },
      serviceAccount: options.serviceAccount,
      mesh: options.mesh ?? MeshMembership.OUT,
      among: 'distributed training: NCCL and Gloo use ephemeral ports',
    });
  }

  /** Where the pods of the job meet. */
  public get rendezvous(): Endpoint {
    return this.role('rendezvous');
  }
}
