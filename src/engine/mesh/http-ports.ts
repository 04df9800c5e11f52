/**
 * On which pod ports does a proxy see requests? Istio goes by the Service port that leads there: its
 * appProtocol, else the first part of its name. A port that no Service names is sniffed: not known.
 *
 * Source: istio/istio:pkg/config/kube/conversion.go (ConvertProtocol), pkg/config/protocol/instance.go
 */
import { carriesLabels } from '../../values/selector';
import type { ContainerPort, PodFacts, ServiceFacts, ServicePort } from '../../read/cluster';
import { Protocol } from '../../values/port';
import type { PodClass } from '../pods';

const HTTP = ['http', 'http2', 'grpc', 'grpc-web'];
const BYTES = ['https', 'tcp', 'tls', 'mongo', 'mysql', 'redis', 'udp', 'hbone', 'double_hbone'];

/** Whether requests are seen, by port; absent: not known. */
export type HttpPorts = ReadonlyMap<number, boolean>;

/** A Service port that leads to a pod port. */
export interface Way {
  readonly service: ServiceFacts;
  readonly port: ServicePort;
  readonly target: number;
}

/** The Service ports that lead to pods of a class. */
export class Ways {
  private readonly byNamespace = new Map<string, ServiceFacts[]>();

  constructor(services: readonly ServiceFacts[]) {
    for (const service of services) {
      const known = this.byNamespace.get(service.namespace);
      if (known === undefined) this.byNamespace.set(service.namespace, [service]);
      else known.push(service);
    }
  }

  to({ workload, pods }: PodClass): Way[] {
    const services = this.byNamespace.get(workload.namespace) ?? [];
    return services
      .filter((service) => leadsTo(service, workload.id, pods))
      .flatMap((service) =>
        service.ports.flatMap((port): Way[] => {
          const target = targetOf(port, pods);
          return target === undefined ? [] : [{ service, port, target }];
        }),
      );
  }
}

function leadsTo(service: ServiceFacts, workload: string, pods: PodFacts): boolean {
  if (service.workload !== undefined) return service.workload === workload;
  const { selector } = service;
  if (selector === undefined || Object.keys(selector).length === 0) return false;
  return carriesLabels(pods.labels, selector);
}

function targetOf({ targetPort, protocol }: ServicePort, pods: PodFacts): number | undefined {
  if (typeof targetPort === 'number') return targetPort;
  return pods.ports.find((port) => port.name === targetPort && port.protocol === protocol)?.port;
}

export function httpPorts(one: PodClass, ways: readonly Way[]): HttpPorts {
  const found = new Map<number, boolean>();
  const doubtful = new Set<number>();
  const say = (port: number, http: boolean | undefined): void => {
    if (http === undefined || (found.has(port) && found.get(port) !== http)) doubtful.add(port);
    else found.set(port, http);
  };
  for (const port of one.pods.ports) {
    if (port.protocol !== Protocol.TCP) continue;
    const http = declared(port, one.workload.kind);
    if (http !== undefined) say(port.port, http);
  }
  for (const { port, target } of ways) {
    if (port.protocol === Protocol.TCP) say(target, ofService(port, found.get(target)));
  }
  for (const port of doubtful) found.delete(port);
  return found;
}

/** A model's port without protocol of its own was declared as plain TCP. */
function declared({ appProtocol }: ContainerPort, kind: string): boolean | undefined {
  if (appProtocol !== undefined) return isHttp(appProtocol);
  return kind === 'Workload' ? false : undefined;
}

function ofService({ appProtocol, name }: ServicePort, known: boolean | undefined) {
  const said = appProtocol ?? name?.split('-')[0];
  const grpcWeb = name?.startsWith('grpc-web') === true ? 'grpc-web' : said;
  return grpcWeb === undefined ? known : (isHttp(grpcWeb) ?? known);
}

function isHttp(protocol: string): boolean | undefined {
  const plain = protocol.toLowerCase().replace(/^kubernetes\.io\/(h2c|ws|wss)$/, 'http');
  if (HTTP.includes(plain)) return true;
  return BYTES.includes(plain) ? false : undefined;
}
