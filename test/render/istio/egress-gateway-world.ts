/**
 * A workload that leaves the cluster through an egress gateway, in a namespace of ours or of others.
 */

import type { Chart } from 'cdk8s';
import {
  ExternalEgress,
  MeshMembership,
  MlNamespace,
  Peer,
  Port,
  Workload,
  type ExternalEgressProps,
  type IMlNamespace,
  type WorkloadProps,
} from '../../../src';
import type { Caller } from '../../naive/istio-egress';
import { allowed } from '../../naive/network-policy';
import type { Endpoint, NetworkPolicy, Pod } from '../../naive/world';
import { isolated, loader, why, workload } from './egress-world';
import type { Written } from './egress-world';

export const gateway: Caller = { namespace: 'egress', labels: { istio: 'egressgateway' } };

export const podOf = (caller: Caller, ip: string): Pod => ({ ...caller, name: ip, ip });
export const loaderPod = podOf(loader, '10.244.1.1');
export const gatewayPod = podOf(gateway, '10.244.2.2');
export const huggingface: Endpoint = { ip: '203.0.113.7' };

export function egressGateway(
  chart: Chart,
  namespace: IMlNamespace,
  props: Partial<WorkloadProps> = {},
): Workload {
  return new Workload(chart, 'gateway', {
    namespace,
    labels: { istio: 'egressgateway' },
    serviceAccount: 'egressgateway',
    ports: [Port.https(8443)],
    services: [
      {
        name: 'istio-egressgateway',
        ports: [
          { port: 80, targetPort: 8080 },
          { port: 443, targetPort: 8443 },
        ],
      },
    ],
    mesh: MeshMembership.IN,
    ...props,
  });
}

/** The loader leaves for some hosts through the gateway. */
export function leaving(
  chart: Chart,
  egress: IMlNamespace,
  props: Partial<ExternalEgressProps> = {},
): { namespace: IMlNamespace; via: Workload } {
  const namespace = isolated(chart, 'ml-serving');
  const via = egressGateway(chart, egress);
  new ExternalEgress(chart, 'models', {
    from: workload(chart, namespace, 'loader'),
    to: [Peer.fqdn('huggingface.co')],
    via,
    ...why,
    ...props,
  });
  return { namespace, via };
}

export const ours = (chart: Chart): IMlNamespace => isolated(chart, 'egress');
export const foreign = (chart: Chart): IMlNamespace =>
  MlNamespace.fromName(chart, 'egress', 'egress');

export function connects(
  { manifests }: Written,
  from: Endpoint,
  to: Endpoint,
  port: number,
): boolean {
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
  const namespaces = { 'ml-serving': {}, egress: {} };
  const world = {
    namespaces,
    pods: [loaderPod, gatewayPod],
    policies: policies as unknown as NetworkPolicy[],
  };
  return allowed(world, from, to, 'TCP', port);
}
