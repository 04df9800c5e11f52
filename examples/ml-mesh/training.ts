/**
 * Distributed training: its pods among themselves, their controller, their data and their results.
 */
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  DefaultDeny,
  ExternalEgress,
  IstioMtls,
  MeshMembership,
  MlNamespace,
  Peer,
  Port,
  Workload,
} from 'cdk8s-ml-netpol';
import { POD_RANGE, SERVICE_RANGE } from './cluster';

export interface TrainingProps {
  /** Whether training pods take part in the mesh: sidecars break rendezvous by pod address. */
  readonly jobsInMesh: boolean;
}

export class Training extends Chart {
  constructor(scope: Construct, id: string, { jobsInMesh }: TrainingProps) {
    super(scope, id);
    const namespace = new MlNamespace(this, 'namespace', { name: 'ml-training' });
    const jobs = new Workload(this, 'training', {
      namespace,
      labels: { 'workload-type': 'training' },
      serviceAccount: 'training',
      mesh: jobsInMesh ? MeshMembership.IN : MeshMembership.OUT,
    });
    const pipelines = new Workload(this, 'kubeflow-pipelines', {
      namespace,
      labels: { app: 'kubeflow-pipelines' },
      serviceAccount: 'kubeflow-pipelines',
    });
    const mlflow = new Workload(this, 'mlflow', {
      namespace,
      labels: { app: 'mlflow' },
      serviceAccount: 'mlflow',
      ports: [Port.http(5000, { name: 'http' })],
      services: [{ name: 'mlflow', ports: [{ port: 5000, name: 'http' }] }],
    });
    new DefaultDeny(this, 'deny', { namespace, workload: jobs });
    new IstioMtls(this, 'mtls', { namespace });

    jobs.allowAmong({ reason: 'collectives of distributed jobs use ephemeral ports' });
    jobs.allowFrom(pipelines, { ports: [Port.tcp(2222)], reason: 'pipelines control their jobs' });
    jobs.allowTo(mlflow, { reason: 'parameters, metrics and artifacts of runs' });
    new ExternalEgress(this, 'data', {
      from: jobs,
      to: [Peer.cidr('10.0.0.0/8', { except: [POD_RANGE, SERVICE_RANGE] })],
      ports: [Port.tcp(2049), Port.tcp(443)],
      reason: 'training data on NFS and in the object store of the data centre',
    });
  }
}
