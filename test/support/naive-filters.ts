/**
 * Which Envoy filters stand before the router on a port, and what do they count by? EnvoyFilters
 * applied to the inbound filter chains of a proxy in the order of their priority, as istiod's
 * listener_patch.go and rc_patch.go do it. Short enough to check by eye; nothing from src/.
 */

import type { Manifest } from './serving';

interface Filter {
  readonly name: string;
  readonly typed_config: Readonly<Record<string, unknown>>;
}
interface EnvoyFilter {
  readonly priority: number;
  readonly workloadSelector: { readonly labels: Readonly<Record<string, string>> };
  readonly configPatches: readonly {
    readonly applyTo: string;
    readonly match: {
      readonly context: string;
      readonly listener?: {
        readonly filterChain: {
          readonly destinationPort: number;
          readonly filter: { readonly name: string; readonly subFilter: { readonly name: string } };
        };
      };
    };
    readonly patch: { readonly operation: string; readonly value: unknown };
  }[];
}

export interface Chain {
  readonly filters: readonly Filter[];
  /** Lists of actions, each of which makes one descriptor. */
  readonly rateLimits: readonly unknown[];
}

const MANAGER = 'envoy.filters.network.http_connection_manager';
const BEFORE = ['rbac', 'jwt_authn', 'rbac', 'router'];

/** The filter chain of a port that a Service leads to; its own filters have no configuration here. */
export function chainOf(
  objects: readonly Manifest[],
  labels: Readonly<Record<string, string>>,
  port: number,
): Chain {
  const own = (name: string): Filter => ({ name: `envoy.filters.http.${name}`, typed_config: {} });
  const filters = BEFORE.map(own);
  const rateLimits: unknown[] = [];
  const applying = objects
    .filter(({ kind }) => kind === 'EnvoyFilter')
    .map(({ spec }) => spec as EnvoyFilter)
    .filter(({ workloadSelector }) =>
      Object.entries(workloadSelector.labels).every(([key, value]) => labels[key] === value),
    )
    .sort((a, b) => a.priority - b.priority);
  for (const { match, patch, applyTo } of applying.flatMap((one) => one.configPatches)) {
    if (match.context !== 'SIDECAR_INBOUND') continue;
    if (applyTo === 'VIRTUAL_HOST' && patch.operation === 'MERGE') {
      rateLimits.push(...(patch.value as { rate_limits: unknown[] }).rate_limits);
    }
    if (applyTo !== 'HTTP_FILTER' || match.listener === undefined) continue;
    const { destinationPort, filter } = match.listener.filterChain;
    if (destinationPort !== port || filter.name !== MANAGER) continue;
    const at = filters.findIndex(({ name }) => name === filter.subFilter.name);
    if (patch.operation === 'INSERT_BEFORE' && at >= 0) {
      filters.splice(at, 0, patch.value as Filter);
    }
  }
  return { filters, rateLimits };
}

/** Short names of the filters, in the order in which a request passes them. */
export function namesOf({ filters }: Chain): string[] {
  return filters.map(({ name }) => name.replace('envoy.filters.http.', ''));
}
