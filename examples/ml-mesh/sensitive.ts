/**
 * Personal data: whoever processes it is called by cleared pods only, and never leaves the namespace.
 */
import { Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  DefaultDeny,
  DnsEgress,
  IstioMtls,
  LabelSelector,
  MlNamespace,
  Peer,
  Port,
  Workload,
} from 'cdk8s-ml-netpol';

const PERSONAL = { 'data-classification': 'pii' };

export class Sensitive extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const namespace = new MlNamespace(this, 'namespace', { name: 'ml-sensitive' });
    const processors = new Workload(this, 'pii-processor', {
      namespace,
      labels: PERSONAL,
      serviceAccount: 'pii-processor',
      ports: [Port.http(8080, { name: 'http' })],
      services: [{ name: 'pii-processor', ports: [{ port: 8080, name: 'http' }] }],
    });
    const cleared = Peer.pods({
      namespace: namespace.namespaceName,
      labels: { 'pii-access': 'true' },
    });
    const others = Peer.pods({
      namespace: namespace.namespaceName,
      selector: LabelSelector.of({ noneOf: { 'data-classification': ['pii'] } }),
    });
    new DefaultDeny(this, 'deny', { namespace, workload: processors });
    new DnsEgress(this, 'dns', { namespace, workload: processors });
    new IstioMtls(this, 'mtls', { namespace });

    processors.allowFrom(cleared, { reason: 'cleared pods ask for pseudonymised records' });
    processors.allowTo(others, {
      ports: [Port.allTcp()],
      reason: 'results stay inside the namespace',
    });
  }
}
