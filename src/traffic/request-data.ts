/**
 * What is declared about the requests of single workloads beyond who may send them: where they go,
 * how many of them, and who else is asked. Plain data; durations in milliseconds.
 */
import type { HttpData } from '../values/http';
import type { PortData } from '../values/port';

/** The workload whose requests are meant, and who says so. */
export interface AboutRequests {
  readonly namespace: string;
  readonly workload: string;
  /** Where no proxy sees the requests, a waiver is recorded and nothing is written. */
  readonly withoutMesh: boolean;
  readonly reason?: string;
  /** `file:line` of the declaration. */
  readonly at?: string;
  readonly by: string;
}

/** Pools towards each caller's proxy; absent: Istio's own default. */
export interface ConnectionPoolData {
  readonly maxConnections?: number;
  readonly connectTimeout?: number;
  readonly maxPendingRequests?: number;
  readonly maxRequests?: number;
  readonly maxRequestsPerConnection?: number;
  readonly idleTimeout?: number;
}

/** When a pod that answers with errors gets no requests for a while. */
export interface OutlierDetectionData {
  readonly consecutiveErrors: number;
  readonly interval: number;
  readonly baseEjectionTime: number;
  readonly maxEjectionPercent: number;
}

/** Where the requests of a workload's Service go. */
export interface RouteDeclaration extends AboutRequests {
  readonly kind: 'route';
  /** Absent: the workload's only Service, and its only HTTP port. */
  readonly service?: string;
  readonly port?: number;
  /** Exact, or a prefix with a trailing `*`; empty: every path. */
  readonly paths: readonly string[];
  /** Percentages by variant, sorted, with a sum of 100; empty: all pods alike. */
  readonly shares: readonly (readonly [variant: string, weight: number])[];
  /** Variant of the requests that `paths` does not match. */
  readonly otherwise?: string;
  readonly timeout?: number;
  readonly retries: {
    readonly attempts: number;
    readonly perTryTimeout?: number;
    readonly conditions: readonly string[];
  };
  readonly connectionPool?: ConnectionPoolData;
  readonly outlierDetection?: OutlierDetectionData;
  readonly mirror?: { readonly variant: string; readonly percentage: number };
  /** Gateways besides the mesh, and the hosts that they serve. */
  readonly gateways: readonly string[];
  readonly hosts: readonly string[];
}

/** How many requests each pod takes. */
export interface RateLimitDeclaration extends AboutRequests {
  readonly kind: 'rate-limit';
  /** Absent: every HTTP port of purpose service. */
  readonly ports?: readonly PortData[];
  readonly requests: number;
  /** `second`, `minute`, `hour` or `day`. */
  readonly unit: string;
}

/** How many requests each user sends: counted by a service, by claim or header. */
export interface UserRateLimitDeclaration extends AboutRequests {
  readonly kind: 'user-rate-limit';
  readonly ports?: readonly PortData[];
  readonly key: { readonly kind: 'claim' | 'header'; readonly name: string };
  readonly domain: string;
  readonly descriptor: string;
  /** The workload that counts. */
  readonly service: { readonly namespace: string; readonly workload: string };
  readonly timeout: number;
  /** Whether requests are refused while nobody counts them. */
  readonly denyWhenUnavailable: boolean;
}

/** An external authorizer that is asked before everything else. */
export interface CustomAuthorizationDeclaration extends AboutRequests {
  readonly kind: 'custom-authorization';
  readonly provider: string;
  readonly ports?: readonly PortData[];
  /** Empty: every request. */
  readonly http: readonly HttpData[];
}

/** Tokens are validated, and required but for some requests. */
export interface JwtDeclaration extends AboutRequests {
  readonly kind: 'jwt';
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Inline key set, JSON text; at most one of this and `jwksUri`; neither: OpenID discovery. */
  readonly jwks?: string;
  readonly jwksUri?: string;
  /** Claims that every token must carry, sorted. */
  readonly claims: readonly (readonly [claim: string, values: readonly string[]])[];
  /** Requests that need no token. */
  readonly withoutToken: readonly HttpData[];
}

/** Everything that is declared about requests. */
export type RequestDeclaration =
  | JwtDeclaration
  | RouteDeclaration
  | RateLimitDeclaration
  | UserRateLimitDeclaration
  | CustomAuthorizationDeclaration;
