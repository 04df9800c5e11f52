import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  DefaultDeny,
  DnsEgress,
  IstioMtls,
  MlNamespace,
  Peer,
  Port,
  Workload,
} from 'cdk8s-ml-netpol';
import type { MlCluster } from './cluster';
import { POD_RANGE, SERVICE_RANGE } from './cluster';

/** Training pods talk to each other, to their data and to the experiment tracker. */
export class Training extends Chart {
  constructor(scope: Construct, id: string, cluster: MlCluster) {
    super(scope, id);
    const namespace = new MlNamespace(this, 'namespace', { name: id, module: 'training' });
    const training = new Workload(this, 'training', {
      ...{ namespace, labels: { 'workload-type': 'training' }, serviceAccount: 'training' },
      mesh: cluster.training,
    });
    const mlflow = new Workload(this, 'mlflow', {
      ...{ namespace, labels: { app: 'mlflow' }, serviceAccount: 'mlflow' },
      ports: [Port.http(5000)],
    });
    const pipelines = new Workload(this, 'kubeflow-pipelines', {
      ...{ namespace, labels: { app: 'kubeflow-pipelines' }, serviceAccount: 'pipelines' },
    });
    new DefaultDeny(this, 'isolate-training', { namespace, workload: training });
    new DnsEgress(this, 'dns', { namespace, workload: training });
    new IstioMtls(this, 'mtls', { namespace });

    training.allowAmong({ reason: 'collective operations use any port' });
    training.allowFrom(pipelines, { ports: [Port.tcp(2222)], reason: 'job control' });
    training.allowTo(mlflow, { reason: 'experiment tracking' });
    training.allowTo(Peer.cidr('10.0.0.0/8', { except: [POD_RANGE, SERVICE_RANGE] }), {
      ports: [Port.tcp(2049), Port.tcp(443)],
      reason: 'data sets on NFS and object storage',
    });
  }
}
