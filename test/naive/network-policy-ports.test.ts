/**
 * Does the naive evaluator read the ports of a rule as the API says where Kubernetes' own end-to-end
 * tests are silent? They have no default protocol and no endPort, and every pod there has the same
 * names for the same numbers. Titles are facts of NetworkPolicyPort in kubernetes/api 1ff8524
 * networking/v1/types.go; a name is a container port of the destination pod, never a Service port.
 */

import { allowed } from './network-policy';
import { bert, egressTo, huggingface, ingressFrom, modelApi, prometheus, triton } from './platform';
import type { Peer, Pod, PolicyPort } from './world';

describe('ports', () => {
  const everyPod: Peer[] = [{ namespaceSelector: {} }];
  const reaches = (port: PolicyPort, protocol: 'TCP' | 'UDP' | 'SCTP', number: number): boolean =>
    allowed(ingressFrom(everyPod, [port]), bert, modelApi, protocol, number);

  test('a port without protocol is TCP and denies UDP', () => {
    expect(reaches({ port: 8080 }, 'TCP', 8080)).toBe(true);
    expect(reaches({ port: 8080 }, 'UDP', 8080)).toBe(false);
    expect(reaches({ port: 8080, protocol: null }, 'SCTP', 8080)).toBe(false);
  });

  test('a protocol without port is every port of that protocol', () => {
    expect(reaches({ protocol: 'UDP' }, 'UDP', 1)).toBe(true);
    expect(reaches({ protocol: 'UDP', port: null }, 'UDP', 65535)).toBe(true);
    expect(reaches({ protocol: 'UDP' }, 'TCP', 1)).toBe(false);
  });

  test('ports: [{}] is every TCP port and nothing else', () => {
    expect(reaches({}, 'TCP', 8080)).toBe(true);
    expect(reaches({}, 'UDP', 8080)).toBe(false);
  });

  test('a rule about SCTP only still isolates the pod for TCP', () => {
    expect(reaches({ protocol: 'SCTP', port: 8080 }, 'SCTP', 8080)).toBe(true);
    expect(reaches({ protocol: 'SCTP', port: 8080 }, 'TCP', 8080)).toBe(false);
  });

  test('DNS over UDP 53 does not admit TCP 53', () => {
    const world = egressTo([{ namespaceSelector: {} }], [{ protocol: 'UDP', port: 53 }]);
    const kubeDns: Pod = { namespace: 'kube-system', name: 'kube-dns' };
    expect(allowed(world, bert, kubeDns, 'UDP', 53)).toBe(true);
    expect(allowed(world, bert, kubeDns, 'TCP', 53)).toBe(false);
  });

  test('endPort is inclusive', () => {
    const range = { port: 8000, endPort: 8002 };
    const ports = [7999, 8000, 8001, 8002, 8003];
    const verdicts = ports.map((port) => reaches(range, 'TCP', port));
    expect(verdicts).toEqual([false, true, true, true, false]);
  });

  test('endPort equal to port is the same as no endPort', () => {
    for (const entry of [
      { port: 8080, endPort: 8080 },
      { port: 8080 },
      { port: 8080, endPort: null },
    ]) {
      const verdicts = [8079, 8080, 8081].map((port) => reaches(entry, 'TCP', port));
      expect(verdicts).toEqual([false, true, false]);
    }
  });

  test('endPort 65535 reaches the last port', () => {
    expect(reaches({ port: 49152, endPort: 65535 }, 'TCP', 65535)).toBe(true);
    expect(reaches({ port: 49152, endPort: 65535 }, 'TCP', 49151)).toBe(false);
  });

  test('the pod port counts, not the port of the Service in front of it', () => {
    const service = { port: 80, targetPort: 8080 };
    expect(reaches({ port: service.targetPort }, 'TCP', service.targetPort)).toBe(true);
    expect(reaches({ port: service.port }, 'TCP', service.targetPort)).toBe(false);
  });

  test('a number needs no declared container port', () => {
    expect(reaches({ port: 9090 }, 'TCP', 9090)).toBe(true);
  });
});

describe('named ports', () => {
  const named = (port: string, protocol?: 'UDP'): PolicyPort[] => [
    protocol ? { port, protocol } : { port },
  ];

  test('one name is the own number of each destination pod', () => {
    const world = ingressFrom([{ namespaceSelector: {} }], named('http'));
    expect(allowed(world, bert, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(world, bert, modelApi, 'TCP', 8000)).toBe(false);
    expect(allowed(world, bert, triton, 'TCP', 8000)).toBe(true);
    expect(allowed(world, bert, triton, 'TCP', 8080)).toBe(false);
  });

  test('egress looks the name up on the destination pod, too', () => {
    const world = egressTo([{ namespaceSelector: {} }], named('http'));
    expect(allowed(world, bert, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(world, bert, triton, 'TCP', 8000)).toBe(true);
    expect(allowed(world, bert, triton, 'TCP', 8080)).toBe(false);
  });

  test('one name with two protocols on one pod: the protocol decides', () => {
    const kubeDns: Pod = {
      namespace: 'llm-serving',
      name: 'kube-dns',
      ports: [
        { name: 'dns', containerPort: 5353, protocol: 'UDP' },
        { name: 'dns', containerPort: 53, protocol: 'TCP' },
      ],
    };
    const udp = ingressFrom([{ namespaceSelector: {} }], named('dns', 'UDP'));
    expect(allowed(udp, bert, kubeDns, 'UDP', 5353)).toBe(true);
    expect(allowed(udp, bert, kubeDns, 'UDP', 53)).toBe(false);
    expect(allowed(udp, bert, kubeDns, 'TCP', 53)).toBe(false);
    const tcp = ingressFrom([{ namespaceSelector: {} }], named('dns'));
    expect(allowed(tcp, bert, kubeDns, 'TCP', 53)).toBe(true);
    expect(allowed(tcp, bert, kubeDns, 'TCP', 5353)).toBe(false);
  });

  test('a name of the other protocol admits nothing', () => {
    const world = ingressFrom([{ namespaceSelector: {} }], named('stats'));
    expect(allowed(world, bert, triton, 'TCP', 8125)).toBe(false);
    expect(allowed(world, bert, triton, 'UDP', 8125)).toBe(false);
  });

  test('a name that only the source pod has admits nothing', () => {
    const ingress = ingressFrom([{ namespaceSelector: {} }], named('master'));
    expect(allowed(ingress, bert, modelApi, 'TCP', 29500)).toBe(false);
    const egress = egressTo([{ namespaceSelector: {} }], named('master'));
    expect(allowed(egress, bert, modelApi, 'TCP', 29500)).toBe(false);
  });

  test('a name that no pod has admits nothing', () => {
    const world = ingressFrom([{ namespaceSelector: {} }], named('grpc'));
    expect(allowed(world, bert, modelApi, 'TCP', 8080)).toBe(false);
    expect(allowed(world, bert, prometheus, 'TCP', 8080)).toBe(true);
  });

  test('a name towards an ipBlock outside admits nothing', () => {
    const world = egressTo([{ ipBlock: { cidr: '0.0.0.0/0' } }], named('http'));
    expect(allowed(world, bert, huggingface, 'TCP', 80)).toBe(false);
    expect(allowed(world, bert, huggingface, 'TCP', 8080)).toBe(false);
  });
});
