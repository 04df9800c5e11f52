import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  ExternalEgress,
  Isolation,
  MlNamespace,
  MlPlatform,
  ModuleEgress,
  ModuleIngress,
  Peer,
  Port,
} from 'cdk8s-ml-netpol';
import { CLUSTER } from '../cluster';

/**
 * What the application team owns on top of the platform's baseline, which it reads from the
 * platform's traffic model and never replaces.
 */
export function financialMl(outdir: string, platformModel: string): MlPlatform {
  const app = new MlPlatform({ cluster: CLUSTER, outdir });
  new FinancialMl(app, 'financial-ml', platformModel);
  return app;
}

class FinancialMl extends Chart {
  constructor(scope: Construct, id: string, platformModel: string) {
    super(scope, id);
    const ours = MlNamespace.existing(this, 'namespace', {
      name: 'financial-ml',
      isolation: Isolation.fromTrafficModel(platformModel),
    });
    new ModuleIngress(this, 'from-inside', {
      to: ours,
      from: [ours],
      ports: [Port.all()],
      reason: 'services of the team talk to each other',
    });
    new ModuleIngress(this, 'from-related', {
      to: ours,
      from: [Peer.namespaces({ team: 'financial-ml' })],
      ports: [Port.all()],
      reason: 'related applications of the team',
    });
    new ModuleEgress(this, 'to-database', {
      from: ours,
      to: [Peer.namespace('database')],
      ports: [Port.tcp(5432)],
      reason: 'feature and result tables',
    });
    new ModuleEgress(this, 'to-minio', {
      from: ours,
      to: [Peer.namespace('minio')],
      ports: [Port.tcp(9000)],
      reason: 'model artifacts',
    });
    new ModuleEgress(this, 'telemetry', {
      from: ours,
      to: [
        Peer.pods({
          namespace: 'observability',
          labels: { 'app.kubernetes.io/name': 'opentelemetry-collector' },
        }),
      ],
      ports: [Port.grpc(4317), Port.http(4318)],
      reason: 'traces and metrics',
    });
    new ExternalEgress(this, 'model-downloads', {
      from: ours,
      to: [Peer.fqdn('huggingface.co', '*.hf.co')],
      reason: 'base models are downloaded from the Hugging Face hub',
      withoutFqdn: 'internet',
    });
  }
}
