/**
 * A way from outside to pods as an object declares it: what it takes, through whom, and to which
 * Service. Nothing is judged here; what the object itself breaks is named.
 */
import type { Labels } from '../../read/cluster';
import type { Resource } from '../../read/resource';
import type { Protocol } from '../../values/port';
import type { Because } from '../layer';
import type { RequestSet } from '../http/requests';
import { ALL_REQUESTS } from '../http/requests';
import type { VerdictWord } from '../result';
import type { Fact } from '../verdict';

export interface DeclaredRoute {
  /** The object, and the field that says it. */
  readonly entry: Because;
  readonly protocol: Protocol;
  /** That clients connect to; absent: nobody says. */
  readonly port?: number;
  readonly requests: RoutedRequests;
  readonly front: FrontSpec;
  /** Absent: it leads to no Service, and `broken` says why. */
  readonly backend?: Backend;
  /** Links that do not hold, in the order of the way. */
  readonly broken: readonly BrokenLink[];
}

/** What a route takes, and sends on. */
export interface RoutedRequests {
  /** Of clients; connections that are no HTTP: every one. */
  readonly taken: RequestSet;
  /** The same as the pods see them, or more, where `exact` is false. */
  readonly sent: RequestSet;
  /** Whether `sent` is what is sent: patterns, and paths that are rewritten, are not followed. */
  readonly exact: boolean;
  readonly isHttp: boolean;
}

export const EVERY_CONNECTION: RoutedRequests = {
  ...{ taken: ALL_REQUESTS, sent: ALL_REQUESTS },
  ...{ exact: true, isHttp: false },
};

/** Who takes the connections of clients. */
export type FrontSpec =
  /** The pods behind the Service themselves. */
  | { readonly kind: 'nobody' }
  /** Pods with these labels; absent namespace: of any. */
  | {
      readonly kind: 'pods';
      /** `Gateway edge/public` */
      readonly name: string;
      readonly labels: readonly Labels[];
      readonly namespace?: string;
      /** A Service whose pods it is instead. */
      readonly service?: { readonly namespace: string; readonly name: string };
      /** Istio's own proxies obey its policies, and listen on the very port. */
      readonly isIstio: boolean;
    }
  /** Some controller; absent labels: of any kind; none: it runs outside of the cluster. */
  | { readonly kind: 'controller'; readonly name: string; readonly labels?: readonly Labels[] };

export interface Backend {
  readonly namespace: string;
  readonly name: string;
  /** Number or name; absent: the Service's only one. */
  readonly port?: number | string;
  /** Of a subset: pods that carry these as well. */
  readonly labels?: Labels;
  /** Absent: nothing of the input says it. */
  readonly because?: Because;
}

export interface BrokenLink {
  /** `ReferenceGrant` missing, no such port: closed. What was not read: UNKNOWN. */
  readonly verdict: Exclude<VerdictWord, 'ALLOWED'>;
  /** `no ReferenceGrant of ml lets HTTPRoute edge/ui in` */
  readonly says: string;
  readonly by: readonly Because[];
  readonly facts: readonly Fact[];
}

/** A link that certainly does not hold. */
export function closed(says: string, ...by: readonly Because[]): BrokenLink {
  return { verdict: 'DENIED', says, by, facts: [] };
}

/** A link of which nobody can tell. */
export function open(fact: Fact, says: string, ...by: readonly Because[]): BrokenLink {
  return { verdict: 'UNKNOWN', says, by, facts: [fact] };
}

/** What makes an object's meaning doubtful, such as a key that stands twice. */
export function doubts(resource: Resource, unclear = resource.unclear): BrokenLink[] {
  return unclear.map(({ path, why }) => open('route-unclear', why, { resource, path }));
}
