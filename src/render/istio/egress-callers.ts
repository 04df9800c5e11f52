/**
 * Who may ask an egress gateway for which host: one DENY policy beside the gateway's ALLOW policy,
 * which knows callers and ports but no hosts.
 *
 * It names the hosts that are declared here and leaves all others alone. Negations hold for callers
 * without identity too, so that plain text is denied as well. Written where the gateway is isolated
 * by us; elsewhere its owner has to see to it.
 */
import { isIsolated } from '../../traffic/model';
import type { RenderContext } from '../context';
import { callerOf } from './callers';
import type { Detour } from './egress-gateway';
import { gatewayName } from './egress-gateway';
import type { MeshObject } from './object';
import { SECURITY } from './object';

export function detourDenials(context: RenderContext, detours: readonly Detour[]): MeshObject[] {
  const guarded = detours.filter(({ gateway }) => isIsolated(context.model, gateway, 'ingress'));
  const gateways = new Set(guarded.map(({ gateway }) => gateway));
  return [...gateways].map((gateway) => ({
    apiVersion: SECURITY,
    kind: 'AuthorizationPolicy',
    namespace: gateway.namespace,
    name: gatewayName(gateway),
    spec: {
      selector: { matchLabels: gateway.labels },
      action: 'DENY',
      rules: guarded
        .filter((detour) => detour.gateway === gateway)
        .map((detour) => denial(context, detour)),
    },
    flows: [],
    baseline: false,
    allows: false,
  }));
}

/** Everybody but the callers of a host; the fields of one source are AND-ed. */
function denial(context: RenderContext, { host, callers }: Detour): object {
  const sources = callers.flatMap(({ from }) => {
    const caller = callerOf(context, from);
    return caller.kind === 'identified' ? [caller.source] : [];
  });
  const accounts = sources.flatMap(({ serviceAccounts = [] }) => serviceAccounts);
  // serviceAccounts and namespaces must not stand in one source; principals say the same
  const notPrincipals = accounts.map((account) => `*/ns/${account.replace('/', '/sa/')}`);
  const notNamespaces = sources.flatMap(({ namespaces = [] }) => namespaces);
  const source = {
    ...(notPrincipals.length > 0 && { notPrincipals: distinct(notPrincipals) }),
    ...(notNamespaces.length > 0 && { notNamespaces: distinct(notNamespaces) }),
  };
  return {
    ...(Object.keys(source).length > 0 && { from: [{ source }] }),
    when: [{ key: 'connection.sni', values: [host] }],
  };
}

function distinct(items: readonly string[]): string[] {
  return [...new Set(items)].sort();
}
