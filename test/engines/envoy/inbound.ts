/** What istiod's own code writes for the sidecars of a world: the listener of what comes in. */

import type { Json, JsonObject } from '../../../src/read/resource';
import { built } from '../harness/build';
import type { Program } from '../harness/build';
import { output } from '../harness/output';
import type { Manifest } from '../../naive/load-yaml';

const INBOUND: Program = { module: 'istio', package: './cmd/inbound', binary: 'istio-inbound' };

/** Filters that only Istio's own build of Envoy has, and that decide nothing. */
const STOCK_ENVOY = { PILOT_ENABLE_METADATA_EXCHANGE: 'false', PILOT_ENABLE_ALPN_FILTER: 'false' };

export interface Workload {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** IPv4. */
  readonly address: string;
  readonly ports: readonly { readonly number: number; readonly http: boolean }[];
}

export interface IstiodWorld {
  readonly manifests: readonly Manifest[];
  readonly workloads: readonly Workload[];
}

export interface Inbound {
  readonly listener: JsonObject;
  /** By port: what callers are told to bring. */
  readonly mtls: Readonly<Record<string, 'DISABLE' | 'PERMISSIVE' | 'STRICT'>>;
}

export interface IstiodAnswer {
  /** Why there is no listener. */
  readonly error?: string;
  /** By place among the manifests, why Istio's validation refuses one: it was left out. */
  readonly refused: Readonly<Record<string, string>>;
  /** As many as workloads. */
  readonly inbounds: readonly Inbound[] | null;
}

export async function inboundsOf(worlds: readonly IstiodWorld[]): Promise<IstiodAnswer[]> {
  const input = worlds.map(({ manifests, workloads }) =>
    JSON.stringify({
      manifests,
      workloads,
      authorizers: authorizersOf(manifests),
    }),
  );
  const env = { ...process.env, ...STOCK_ENVOY };
  const lines = await output(await built(INBOUND), [], { input: input.join('\n'), env });
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as IstiodAnswer);
}

/** Providers that CUSTOM policies name: istiod must know them from its configuration. */
function authorizersOf(manifests: readonly Manifest[]): string[] {
  const providers = manifests.flatMap((one) => {
    const { provider } = (one as { spec?: { provider?: { name?: Json } } }).spec ?? {};
    return typeof provider?.name === 'string' ? provider.name : [];
  });
  return [...new Set(providers)];
}
