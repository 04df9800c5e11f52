/**
 * Where does a request to a host go? A VirtualService and a DestinationRule, read as Istio's
 * reference does: the first route with a match that holds, else 404; a subset that nobody defines,
 * 503. Short enough to check by eye; nothing from src/.
 */

import type { Manifest } from './serving';

interface Destination {
  readonly host: string;
  readonly subset?: string;
  readonly port: { readonly number: number };
}
interface Match {
  readonly port?: number;
  readonly gateways?: readonly string[];
  readonly uri?: { readonly exact?: string; readonly prefix?: string };
}
interface VirtualService {
  readonly gateways?: readonly string[];
  readonly hosts: readonly string[];
  readonly http: readonly {
    readonly match?: readonly Match[];
    readonly route: readonly { readonly destination: Destination; readonly weight?: number }[];
  }[];
}
interface DestinationRule {
  readonly host: string;
  readonly subsets?: readonly { readonly name: string; readonly labels: object }[];
}

export interface Request {
  readonly host: string;
  readonly path: string;
  /** Of the Service, or of the gateway. */
  readonly port: number;
  /** Absent: from a pod of the mesh. */
  readonly gateway?: string;
}

/** `[weight, labels of the pods, Service port]` of each place, or the status of an answer. */
export type Places = (readonly [weight: number, labels: object, port: number])[] | 404 | 503;

export function placesOf(objects: readonly Manifest[], request: Request): Places {
  const virtual = objects.find(({ kind }) => kind === 'VirtualService')?.spec as VirtualService;
  const rule = objects.find(({ kind }) => kind === 'DestinationRule')?.spec as DestinationRule;
  const { gateway = 'mesh' } = request;
  if (!(virtual.gateways ?? ['mesh']).includes(gateway)) return 404;
  if (!virtual.hosts.includes(request.host)) return 404;
  const found = virtual.http.find(
    ({ match }) => match === undefined || match.some((one) => holds(one, request, gateway)),
  );
  if (found === undefined) return 404;
  const places: [number, object, number][] = [];
  for (const { destination, weight = 100 } of found.route) {
    if (destination.host !== rule.host) return 503;
    const subset = rule.subsets?.find(({ name }) => name === destination.subset);
    if (destination.subset !== undefined && subset === undefined) return 503;
    places.push([weight, subset?.labels ?? {}, destination.port.number]);
  }
  return places;
}

function holds({ port, gateways, uri }: Match, request: Request, gateway: string): boolean {
  if (port !== undefined && port !== request.port) return false;
  if (gateways !== undefined && !gateways.includes(gateway)) return false;
  if (uri?.exact !== undefined) return request.path === uri.exact;
  return uri?.prefix === undefined || request.path.startsWith(uri.prefix);
}
