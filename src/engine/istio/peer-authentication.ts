/**
 * Must callers bring a certificate? Mesh < namespace < workload < port; UNSET inherits; PERMISSIVE
 * where nobody says anything. Of several policies in one scope the oldest counts, so manifests
 * without a date may leave open which.
 *
 * Source: istio/istio:pilot/pkg/security/authn/policy_applier.go (1.31)
 */
import { carriesLabels } from '../../values/selector';
import type { IstioFacts } from '../../read/cluster';
import type { EnforcementPoint, PodPoint } from './attachment';
import { selectorOf } from './attachment';
import type { MissingFact } from './facts';
import { distinctFacts, unclearFacts } from './facts';
import { objectOf, textOf } from './spec';

export type MtlsMode = 'DISABLE' | 'PERMISSIVE' | 'STRICT';

export interface EffectiveMtls {
  /** Several: which of them is not known, for `missing`. */
  readonly modes: readonly MtlsMode[];
  /** Who says so; none: it is the default. */
  readonly policies: readonly IstioFacts[];
  readonly missing: readonly MissingFact[];
}

/** A waypoint takes the client's identity from the connection that ztunnel vouches for. */
const OPEN: EffectiveMtls = { modes: ['PERMISSIVE'], policies: [], missing: [] };

/** The mode of one port of the pod that is called. */
export function effectiveMtls(
  policies: readonly IstioFacts[],
  point: EnforcementPoint,
  port: number,
): EffectiveMtls {
  if (point.proxy === 'waypoint') return OPEN;
  const scopes = scopesOf(policies, point).map(oldest);
  const refused = scopes.flatMap((scope) => scope.flatMap(unclearFacts));
  if (refused.length > 0) {
    return { modes: ['DISABLE', 'PERMISSIVE', 'STRICT'], policies: [], missing: refused };
  }
  const said = says(scopes, port);
  const modes = [...new Set(said.map(({ mode }) => read(mode, point)))].sort();
  const found = said.flatMap(({ policy }) => policy ?? []);
  const missing = found.map((policy): MissingFact => {
    const detail = `which PeerAuthentication of ${policy.namespace} is the oldest`;
    return { fact: 'policy-age', detail, policy };
  });
  return { modes, policies: found, missing: modes.length > 1 ? distinctFacts(missing) : [] };
}

/** ztunnel always accepts certificates. */
function read(mode: MtlsMode, { proxy }: PodPoint): MtlsMode {
  return proxy === 'ztunnel' && mode === 'DISABLE' ? 'PERMISSIVE' : mode;
}

/** The narrowest first. A selector in the root namespace selects nobody. */
function scopesOf(policies: readonly IstioFacts[], point: PodPoint): IstioFacts[][] {
  const { namespace, rootNamespace, labels } = point;
  const of = (home: string, whole: boolean): IstioFacts[] =>
    policies.filter((policy) => {
      const selector = selectorOf(policy.spec);
      // an empty selector is none
      const isWhole = Object.keys(selector).length === 0;
      return policy.namespace === home && isWhole === whole && carriesLabels(labels, selector);
    });
  const workload = namespace === rootNamespace ? [] : of(namespace, false);
  return [workload, of(namespace, true), of(rootNamespace, true)];
}

/** One policy, or those of which one is the oldest. */
function oldest(policies: readonly IstioFacts[]): IstioFacts[] {
  if (policies.length > 1 && policies.some(({ created }) => created === undefined)) {
    return [...policies];
  }
  const age = ({ created = '', name }: IstioFacts): string => `${created} ${name}`;
  return [...policies].sort((a, b) => (age(a) < age(b) ? -1 : 1)).slice(0, 1);
}

interface Said {
  readonly mode: MtlsMode;
  readonly policy?: IstioFacts;
}

/** What the narrowest scope says; what wider ones say where it inherits. */
function says(scopes: readonly (readonly IstioFacts[])[], port: number): Said[] {
  const [scope, ...wider] = scopes;
  if (scope === undefined) return [{ mode: 'PERMISSIVE' }];
  if (scope.length === 0) return says(wider, port);
  return scope.flatMap((policy) => {
    const mode = modeOf(policy, port);
    return mode === undefined ? says(wider, port) : [{ mode, policy }];
  });
}

function modeOf({ spec }: IstioFacts, port: number): MtlsMode | undefined {
  const ports = Object.keys(selectorOf(spec)).length === 0 ? {} : objectOf(spec['portLevelMtls']);
  const own = Object.hasOwn(ports, String(port)) ? objectOf(ports[String(port)]) : {};
  return known(textOf(own['mode'])) ?? known(textOf(objectOf(spec['mtls'])['mode']));
}

function known(mode: string | undefined): MtlsMode | undefined {
  return mode === 'DISABLE' || mode === 'PERMISSIVE' || mode === 'STRICT' ? mode : undefined;
}
