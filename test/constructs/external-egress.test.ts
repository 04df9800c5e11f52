import { App, Chart as AnyChart } from 'cdk8s';
import type { Chart } from 'cdk8s';
import {
  ExternalEgress,
  LabelSelector,
  Mesh,
  MeshMembership,
  Peer,
  Port,
  isNetpolError,
  type ExternalEgressProps,
  type WorkloadProps,
} from '../../src';
import { isolated, namesOf, why, workload, written } from '../render/istio/egress-world';
import {
  connects,
  egressGateway,
  gatewayPod,
  huggingface,
  leaving,
  loaderPod,
  ours,
} from '../render/istio/egress-gateway-world';

describe('ExternalEgress through a gateway under other profiles', () => {
  it('is as without: names need the waiver, and the gateway is not opened', () => {
    const none = { mesh: Mesh.none() };
    const build =
      (props: Partial<ExternalEgressProps>) =>
      (chart: Chart): unknown =>
        leaving(chart, ours(chart), props);
    expect(written(build({}), none).codes).toEqual(['fqdn-not-enforced']);
    const waived = written(build({ withoutFqdn: 'internet' }), none);
    expect(waived.texts).toEqual([]);
    expect(connects(waived, loaderPod, huggingface, 443)).toBe(true);
    expect(connects(waived, loaderPod, gatewayPod, 8443)).toBe(false);
    expect(namesOf(waived.manifests, 'Gateway')).toEqual([]);
  });
});

describe('a gateway that cannot do what was declared', () => {
  const codes = (build: (chart: Chart) => unknown): readonly string[] => written(build).codes;
  const refusal = (build: (chart: Chart) => unknown): string | undefined => {
    try {
      build(new AnyChart(new App(), 'platform'));
      return undefined;
    } catch (error) {
      return isNetpolError(error) ? error.problems[0]?.code : 'other';
    }
  };

  it('fails for wildcards, addresses and other ports', () => {
    const to =
      (...peers: Peer[]) =>
      (chart: Chart) =>
        leaving(chart, ours(chart), { to: peers });
    expect(refusal(to(Peer.fqdn('*.hf.co')))).toBe('via-host');
    expect(refusal(to(Peer.fqdn('hf.co'), Peer.cidr('10.1.0.0/16')))).toBe('via-host');
    expect(refusal(to(Peer.fqdn('hf.co')))).toBeUndefined();
    const on = (port: Port) => (chart: Chart) => leaving(chart, ours(chart), { ports: [port] });
    expect(refusal(on(Port.http(443)))).toBe('via-port');
    expect(refusal(on(Port.https(8443)))).toBe('via-port');
    expect(refusal(on(Port.https(443)))).toBeUndefined();
  });

  it('fails without a Service that is known', () => {
    const services = (props: Partial<WorkloadProps>) => (chart: Chart) => {
      const via = egressGateway(chart, ours(chart), props);
      const from = workload(chart, isolated(chart, 'ml-serving'), 'loader');
      return new ExternalEgress(chart, 'models', { from, to: [Peer.fqdn('hf.co')], via, ...why });
    };
    const two = [{ port: 8080 }, { port: 8443 }];
    expect(refusal(services({ services: [] }))).toBe('via-service');
    expect(refusal(services({ services: [{ name: 'gw', ports: two }] }))).toBe('via-service');
    expect(refusal(services({ services: [{ name: 'gw', ports: [{ port: 8443 }] }] }))).toBe(
      undefined,
    );
  });

  it('fails where one of the ends has no proxy', () => {
    const build = (caller: MeshMembership, via: MeshMembership) => (chart: Chart) => {
      const from = workload(chart, isolated(chart, 'ml-serving'), 'loader', { mesh: caller });
      const to = [Peer.fqdn('hf.co')];
      const gate = egressGateway(chart, ours(chart), { mesh: via });
      return new ExternalEgress(chart, 'models', { from, to, via: gate, ...why });
    };
    const { IN, OUT } = MeshMembership;
    expect(codes(build(OUT, IN))).toEqual(['via-without-proxy']);
    expect(codes(build(IN, OUT))).toEqual(['via-without-proxy']);
    expect(codes(build(IN, IN))).toEqual([]);
  });

  it('fails where it cannot tell two callers apart', () => {
    const build = (account: string) => (chart: Chart) => {
      const { namespace, via } = leaving(chart, ours(chart));
      new ExternalEgress(chart, 'packages', {
        from: workload(chart, namespace, 'inference', { serviceAccount: account }),
        to: [Peer.fqdn('pypi.org')],
        via,
        ...why,
      });
    };
    expect(codes(build('loader'))).toEqual(['shared-identity']);
    expect(codes(build('inference'))).toEqual([]);
  });

  it('fails for callers that Istio cannot select', () => {
    const selector = LabelSelector.of({ present: ['needs-model-access'] });
    const from = Peer.pods({ namespace: 'ml-serving', selector });
    expect(codes((chart) => leaving(chart, ours(chart), { from }))).toEqual([
      'selector-not-equality',
    ]);
  });

  it('fails for peers inside the cluster', () => {
    expect(refusal((chart) => leaving(chart, ours(chart), { to: [Peer.allPods()] }))).toBe(
      'peer-not-external',
    );
  });
});
