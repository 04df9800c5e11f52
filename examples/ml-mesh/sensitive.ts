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

/** Personal data: reached with clearance only, and nothing leaves the namespace. */
export class Sensitive extends Chart {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const namespace = new MlNamespace(this, 'namespace', { name: id, module: 'sensitive' });
    const processor = new Workload(this, 'pii-processor', {
      ...{ namespace, labels: { 'data-classification': 'pii' }, serviceAccount: 'pii-processor' },
      ports: [Port.http(8080)],
    });
    new DefaultDeny(this, 'isolate-pii', { namespace, workload: processor });
    new DnsEgress(this, 'dns', { namespace, workload: processor });
    new IstioMtls(this, 'mtls', { namespace });

    const cleared = Peer.pods({ namespace: id, labels: { 'pii-access': 'true' } });
    processor.allowFrom(cleared, { reason: 'clearance for personal data' });
    processor.allowTo(namespace, { ports: [Port.allTcp()], reason: 'processing steps' });
  }
}
