/**
 * What a team writes over the template's main.ts: fresh-app.test.ts copies it into an app that has
 * nothing of this repository but the packed library.
 */

import type { Construct } from 'constructs';
import { App, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import {
  DefaultDeny,
  DnsEgress,
  MlNamespace,
  ModuleIngress,
  Port,
  Workload,
} from 'cdk8s-ml-netpol';
import * as library from 'cdk8s-ml-netpol/package.json';

export class MyChart extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id, { labels: { 'netpol-version': library.version } });

    const namespace = new MlNamespace(this, 'llm-serving', { module: 'serving' });
    const jobs = MlNamespace.fromName(this, 'ml-jobs', 'ml-jobs');
    new DefaultDeny(this, 'default-deny', { namespace });
    new DnsEgress(this, 'dns', { namespace });

    const deployment = new kplus.Deployment(this, 'model-api-deployment', {
      metadata: { name: 'model-api', namespace: namespace.namespaceName },
      containers: [{ image: 'registry.example.com/model-api:1.4.2', portNumber: 8080 }],
    });
    const api = Workload.fromObject(this, 'model-api', deployment);
    const features = new Workload(this, 'feature-store', {
      namespace,
      labels: { app: 'feature-store' },
      ports: [Port.grpc(6566)],
    });

    new ModuleIngress(this, 'from-jobs', { to: api, from: [jobs], reason: 'batch scoring' });
    api.allowTo(features, { reason: 'features of each request' });
  }
}

const app = new App();
new MyChart(app, 'team');
app.synth();
