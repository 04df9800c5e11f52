/**
 * What an egress gateway is told, and the proxies that go through it.
 *
 * A caller's proxy takes TLS for a host to the gateway inside mutual TLS of the mesh, under the
 * host's name; the gateway takes it off and connects to the addresses of that host, whatever the
 * inner TLS says. A server with ISTIO_MUTUAL has terminated TLS, so that its routes are `tcp` ones,
 * and every host has a server of its own (istio/istio#37293).
 * Source: istio/istio:pilot/pkg/networking/core/gateway.go
 */
import { createHash } from 'node:crypto';
import type { RenderContext } from '../context';
import type { Detour, DetourCaller } from './egress-gateway';
import { detourDestination, detourNamespaces, gatewayName, TLS_PORT } from './egress-gateway';
import type { MeshObject } from './object';
import { NETWORKING } from './object';
import { serviceHost } from './service-ports';

/** Gateway, routes and mutual TLS of all detours but for the ServiceEntries. */
export function detourObjects(context: RenderContext, detours: readonly Detour[]): MeshObject[] {
  const byGateway = new Map<string, Detour[]>();
  for (const detour of detours) {
    const key = JSON.stringify([detour.home, detour.gateway.namespace, detour.gateway.name]);
    byGateway.set(key, [...(byGateway.get(key) ?? []), detour]);
  }
  return [
    ...[...byGateway.values()].flatMap((group) => gatewayObjects(context, group)),
    ...detours.map((detour) => routeObject(context, detour)),
  ];
}

function gatewayObjects(context: RenderContext, detours: readonly Detour[]): MeshObject[] {
  const [first] = detours;
  if (first === undefined) return [];
  const { gateway, port, home } = first;
  const visibleIn = [...new Set(detours.flatMap(detourNamespaces))].sort();
  const common = { namespace: home, name: gatewayName(gateway), flows: [], allows: true };
  const servers = detours.map(({ host }) => ({
    port: { number: port.port, name: `tls-${host}`, protocol: 'TLS' },
    hosts: [host],
    tls: { mode: 'ISTIO_MUTUAL' },
  }));
  const subsets = detours.map(({ host }) => ({
    name: subsetName(host),
    trafficPolicy: {
      portLevelSettings: [
        { port: { number: port.port }, tls: { mode: 'ISTIO_MUTUAL', sni: host } },
      ],
    },
  }));
  return [
    {
      ...common,
      apiVersion: NETWORKING,
      kind: 'Gateway',
      spec: { selector: gateway.labels, servers },
      baseline: false,
    },
    {
      ...common,
      apiVersion: NETWORKING,
      kind: 'DestinationRule',
      spec: {
        host: serviceHost(context.profile, gateway.namespace, port.service),
        subsets,
        exportTo: ['.', ...visibleIn.filter((one) => one !== gateway.namespace)],
      },
      baseline: false,
    },
  ];
}

/** Callers' proxies to the gateway, and the gateway to the host. */
function routeObject(context: RenderContext, detour: Detour): MeshObject {
  const { host, gateway, port, home, callers } = detour;
  const suffix = context.model.namespaces.get(home)?.policySuffix ?? '';
  const name = `${home}/${gatewayName(gateway)}${suffix}`;
  const matches = callers.map((caller) => ({
    gateways: ['mesh'],
    port: TLS_PORT,
    sniHosts: [host],
    ...sourceOf(caller),
  }));
  const toGateway = {
    host: serviceHost(context.profile, gateway.namespace, port.service),
    subset: subsetName(host),
    port: { number: port.port },
  };
  return {
    apiVersion: NETWORKING,
    kind: 'VirtualService',
    namespace: home,
    name: detourDestination(detour).name,
    spec: {
      hosts: [host],
      gateways: ['mesh', name],
      tls: [{ match: distinct(matches), route: [{ destination: toGateway }] }],
      tcp: [
        {
          match: [{ gateways: [name], port: port.port }],
          route: [{ destination: { host, port: { number: TLS_PORT } } }],
        },
      ],
      exportTo: ['.', ...detourNamespaces(detour)],
    },
    flows: [],
    baseline: false,
    allows: true,
  };
}

/** Others of the namespace keep going by themselves, as far as they may. */
function sourceOf({ namespace, labels }: DetourCaller): object {
  return {
    sourceNamespace: namespace,
    ...(Object.keys(labels).length > 0 && { sourceLabels: labels }),
  };
}

/** A DNS label, which a host name need not be. */
function subsetName(host: string): string {
  const label = host.replace(/\./g, '-');
  // two hosts must not share a label
  const unsure = label.length > 63 || host.includes('-');
  if (!unsure) return label;
  const digest = createHash('sha256').update(host).digest('hex').slice(0, 8);
  return `${label.slice(0, 54).replace(/-+$/, '')}-${digest}`;
}

function distinct<T>(items: readonly T[]): T[] {
  const keyed = new Map(items.map((item) => [JSON.stringify(item), item]));
  return [...keyed].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
