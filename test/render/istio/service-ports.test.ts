import type { ServicePortData, WorkloadData } from '../../../src/traffic/data';
import {
  grpcPortOf,
  readsRequests,
  requestPorts,
  servedPorts,
  serviceHost,
} from '../../../src/render/istio/service-ports';
import { Port, portData, PortPurpose } from '../../../src/values/port';

function workload(ports: Port[], servicePorts: Partial<ServicePortData>[] = []): WorkloadData {
  const service = servicePorts.map((one) => {
    const { port = 80, targetPort = port, protocol = 'TCP' } = one;
    return { ...one, port, targetPort, protocol };
  });
  return {
    namespace: 'llm-serving',
    name: 'model-api',
    labels: { app: 'model-api' },
    podLabels: { app: 'model-api' },
    ports: ports.map(portData),
    services: service.length === 0 ? [] : [{ name: 'model-api', ports: service }],
    by: 'test',
  };
}

it('calls Services by their full names', () => {
  const host = (clusterDomain: string): string =>
    serviceHost({ clusterDomain }, 'llm-serving', 'model-api');
  expect(host('cluster.local')).toBe('model-api.llm-serving.svc.cluster.local');
  expect(host('k8s.example.com')).toBe('model-api.llm-serving.svc.k8s.example.com');
});

describe('the protocol of a port', () => {
  it.each<[Partial<ServicePortData>, boolean]>([
    [{ appProtocol: 'http' }, true],
    [{ appProtocol: 'HTTP2' }, true],
    [{ appProtocol: 'kubernetes.io/h2c' }, true],
    [{ appProtocol: 'tcp', name: 'http' }, false],
    [{ appProtocol: 'https' }, false],
    [{ name: 'http' }, true],
    [{ name: 'http-web' }, true],
    [{ name: 'grpc-web' }, true],
    [{ name: 'grpc' }, true],
    [{ name: 'tcp-http' }, false],
    [{ name: 'https-web' }, false],
    [{ name: 'tls' }, false],
    [{ name: 'mongo' }, false],
  ])('is what its Service says: %j', (port, reads) => {
    for (const pod of [Port.http(80), Port.tcp(80), Port.https(80)]) {
      expect(readsRequests(workload([pod], [port]), 80)).toBe(reads);
    }
  });

  it.each([[{}], [{ name: 'web' }], [{ appProtocol: 'example.com/own' }]])(
    'is what the workload says where its Service leaves it open: %j',
    (port) => {
      expect(readsRequests(workload([Port.http(80)], [port]), 80)).toBe(true);
      expect(readsRequests(workload([Port.grpc(80)], [port]), 80)).toBe(true);
      expect(readsRequests(workload([Port.tcp(80)], [port]), 80)).toBe(false);
      expect(readsRequests(workload([Port.https(80)], [port]), 80)).toBe(false);
      expect(readsRequests(workload([Port.http(8080)], [port]), 80)).toBe(false);
    },
  );

  it('is what the workload says without a Service', () => {
    expect(readsRequests(workload([Port.http(80)]), 80)).toBe(true);
    expect(readsRequests(workload([Port.tcp(80)]), 80)).toBe(false);
  });

  it('is none where two Services contradict each other', () => {
    const ports = [{ name: 'http' }, { port: 81, targetPort: 80, name: 'tcp' }];
    expect(readsRequests(workload([Port.http(80)], ports), 80)).toBe(false);
  });
});

it('finds the pod port behind a Service port by number or name', () => {
  const pods = [Port.http(8080, { name: 'web' }), Port.tcp(5432)];
  const ports = [
    { port: 80, targetPort: 'web' },
    { port: 5432 },
    { port: 81, targetPort: 'unknown' },
    { port: 53, protocol: 'UDP' },
  ];
  expect(servedPorts(workload(pods, ports))).toEqual([
    { service: 'model-api', port: 80, podPort: 8080, protocol: 'http' },
    { service: 'model-api', port: 5432, podPort: 5432, protocol: undefined },
  ]);
});

it('finds a gRPC port only where there is no other', () => {
  const grpc = workload([Port.grpc(8081), Port.http(8080)], [{ port: 8081 }, { port: 8080 }]);
  expect(grpcPortOf(grpc)?.podPort).toBe(8081);
  const two = workload([Port.grpc(8081), Port.grpc(8082)], [{ port: 8081 }, { port: 8082 }]);
  expect(grpcPortOf(two)).toBeUndefined();
  expect(grpcPortOf(workload([Port.grpc(8081)]))).toBeUndefined();
  expect(grpcPortOf(undefined)).toBeUndefined();
});

describe('the ports that a declaration about requests means', () => {
  const metrics = Port.http(9090, { purpose: PortPurpose.METRICS });
  const pods = [Port.http(8080, { name: 'web' }), Port.grpc(9000), metrics, Port.tcp(5432)];
  const asked = (...ports: Port[]): number[] => requestPorts(workload(pods), ports.map(portData));

  it('are the HTTP ports of purpose service', () => {
    expect(requestPorts(workload(pods), undefined)).toEqual([8080, 9000]);
  });

  it('are those that it names, whatever is spoken there', () => {
    expect(asked(metrics, Port.named('web'))).toEqual([8080, 9090]);
    expect(asked(Port.tcpRange(9000, 9002), Port.tcp(5432))).toEqual([5432, 9000, 9001, 9002]);
  });

  it('are none where no TCP ports are named', () => {
    expect(asked(Port.udp(8080))).toEqual([]);
    expect(asked(Port.named('unknown'))).toEqual([]);
    expect(asked(Port.all())).toEqual([]);
    expect(asked(Port.allTcp())).toEqual([]);
  });
});
