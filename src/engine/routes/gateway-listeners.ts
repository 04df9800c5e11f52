/**
 * Which listeners of a Gateway take a route: by name, port, protocol, namespace and host.
 *
 * Source: kubernetes-sigs/gateway-api:apis/v1/gateway_types.go (Listener, AllowedRoutes)
 */
import { numberAt, objectAt, objectsAt, textAt } from '../../read/json';
import { selectorAt } from '../../read/kinds/selector';
import type { FieldPath, JsonObject, Resource } from '../../read/resource';
import { EVERYTHING } from '../../values/selector';
import type { Pods } from '../pods';
import type { BrokenLink } from './declared';
import { closed, open } from './declared';
import { commonHosts } from './hosts';

/** A route that asks to be taken. */
export interface Asking {
  readonly kind: string;
  readonly namespace: string;
  readonly hosts: readonly string[];
  readonly section?: string;
  readonly port?: number;
}

export interface Taken {
  /** Absent: no listener takes the route, and `broken` says why. */
  readonly port?: number;
  /** That listener and route have in common; empty: every one. */
  readonly hosts: readonly string[];
  readonly broken: readonly BrokenLink[];
}

/** Protocols of listeners, by the kind of routes that they take. */
const PROTOCOLS: Readonly<Record<string, readonly string[]>> = {
  HTTPRoute: ['HTTP', 'HTTPS'],
  GRPCRoute: ['HTTP', 'HTTPS'],
  TLSRoute: ['TLS'],
  TCPRoute: ['TCP', 'TLS'],
  UDPRoute: ['UDP'],
};

/** One for each listener that takes it; else one that says why none does. */
export function listenersFor(pods: Pods, gateway: Resource, asking: Asking): Taken[] {
  const listed = objectsAt(objectAt(gateway.object, 'spec'), 'listeners');
  const each = listed.map((listener, at) =>
    takenBy(pods, gateway, { listener, path: ['spec', 'listeners', at] }, asking),
  );
  const taken = each.filter(({ broken }) => broken.every(({ verdict }) => verdict !== 'DENIED'));
  if (taken.length > 0) return taken;
  const own = each.filter(({ port }) => port !== undefined);
  const [first] = own.length > 0 ? own : each;
  if (first !== undefined) return [first];
  return [{ hosts: [], broken: [closed('the Gateway has no listener', { resource: gateway })] }];
}

interface Listener {
  readonly listener: JsonObject;
  readonly path: FieldPath;
}

function takenBy(
  pods: Pods,
  gateway: Resource,
  { listener, path }: Listener,
  asking: Asking,
): Taken {
  const because = { resource: gateway, path };
  const [port, name] = [numberAt(listener, 'port'), textAt(listener, 'name') ?? ''];
  const no = (says: string): Taken => ({ hosts: [], broken: [closed(says, because)] });
  if (asking.section !== undefined && asking.section !== name) {
    return no(`the Gateway has no listener ${asking.section}`);
  }
  if (asking.port !== undefined && asking.port !== port) {
    return no(`the Gateway has no listener on port ${asking.port}`);
  }
  const own = port === undefined ? {} : { port };
  const refused = refusal(listener, name, asking);
  if (refused !== undefined) return { ...own, ...no(refused) };
  const host = textAt(listener, 'hostname');
  const hosts = commonHosts(host === undefined ? [] : [host], asking.hosts);
  if (hosts === undefined) {
    const says = `listener ${name} is for ${host ?? '*'}, the route for ${asking.hosts.join(', ')}`;
    return { ...own, ...no(says) };
  }
  const admitted = admits(pods, listener, { home: gateway.namespace ?? 'default', asking });
  if (admitted === false) {
    const says = `listener ${name} takes no routes of namespace ${asking.namespace}`;
    return { ...own, ...no(says) };
  }
  const says = `listener ${name} chooses namespaces by labels`;
  const broken = admitted === 'unknown' ? [open('namespace-labels', says, because)] : [];
  return { ...own, hosts, broken };
}

/** Why a listener takes no routes of a kind; undefined: it does. */
function refusal(listener: JsonObject, name: string, { kind }: Asking): string | undefined {
  const protocol = textAt(listener, 'protocol') ?? '';
  const kinds = objectsAt(objectAt(listener, 'allowedRoutes'), 'kinds').map((one) =>
    textAt(one, 'kind'),
  );
  const speaks = PROTOCOLS[kind]?.includes(protocol) === true;
  if (speaks && (kinds.length === 0 || kinds.includes(kind))) return undefined;
  return `listener ${name} (${protocol}) takes no ${kind}`;
}

/** Whether a listener takes routes of a namespace; its own, unless it says more. */
function admits(
  pods: Pods,
  listener: JsonObject,
  { home, asking }: { readonly home: string; readonly asking: Asking },
): boolean | 'unknown' {
  const allowed = objectAt(listener, 'allowedRoutes', 'namespaces');
  switch (textAt(allowed, 'from') ?? 'Same') {
    case 'All':
      return true;
    case 'Same':
      return asking.namespace === home;
    case 'Selector': {
      const selected = pods.namespacesSelected(selectorAt(allowed, 'selector') ?? EVERYTHING);
      const place = pods.placeOf(asking.namespace);
      if (selected.sure.includes(place)) return true;
      return selected.maybe.includes(place) ? 'unknown' : false;
    }
    default:
      return false;
  }
}
