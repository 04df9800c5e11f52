/**
 * Sidecar resources: proxies that let nothing out but what their pods may call.
 *
 * `egress.hosts` alone block nothing, REGISTRY_ONLY does: whatever is not imported goes to
 * BlackHoleCluster (TCP) or is answered with 502 (HTTP). So they name every declared destination: by
 * namespace for Services, which NetworkPolicy narrows, and one by one for hosts, which nobody else
 * does; a wildcard for the namespace would import its other workloads' hosts as well.
 * Istio asks `service host is part of imported host`, so that an exact import never brings a
 * wildcard entry with it. Source: istio/istio:pilot/pkg/model/sidecar.go, hostClassification
 */
import type { FlowData } from '../../traffic/data';
import { isEverything, selectorKey, selectorMatches } from '../../values/selector';
import type { RenderContext } from '../context';
import { podsName } from '../subjects';
import type { EgressLimit } from './egress-limits';
import type { EgressScope } from './egress-scopes';
import type { MeshObject } from './object';
import { NETWORKING } from './object';
import { serviceHost } from './service-ports';

/** Services of Kubernetes in a namespace (`*`: in any), as opposed to hosts of ServiceEntries. */
function servicesIn({ profile }: RenderContext, namespace: string): string {
  return `${namespace}/*.svc.${profile.clusterDomain}`;
}

/** Proxies with a Sidecar resource of their own. */
export interface LimitedProxies {
  readonly scope: EgressScope;
  /** What they let out, sorted; undefined: everything. */
  readonly limits?: {
    readonly services: readonly string[];
    readonly hosts: readonly string[];
  };
}

/**
 * The Sidecar resources that are needed: none where a wider one says the same. Of several that
 * select a pod Istio takes any (IST0110), so narrower ones repeat what wider ones say.
 *
 * @param hosts imports of hosts that lie outside the cluster, as `namespace/host`
 */
export function limitedProxies(
  context: RenderContext,
  limits: readonly EgressLimit[],
  hosts: (limit: EgressLimit) => readonly string[],
): LimitedProxies[] {
  const written: LimitedProxies[] = [];
  const imports = (limit: EgressLimit): LimitedProxies['limits'] => ({
    services: servicesFor(context, limit.scope),
    hosts: [...new Set(hosts(limit))].sort(),
  });
  for (const limit of [...limits].sort((a, b) => (widthOf(a) < widthOf(b) ? -1 : 1))) {
    const { scope, obstacle } = limit;
    const wider = written.filter((one) => means(one.scope, scope));
    // proxies that cannot be limited must not fall under a wider limit
    if (obstacle !== undefined && wider.length === 0) continue;
    const proxies = { scope, limits: obstacle === undefined ? imports(limit) : undefined };
    const said = wider.at(-1);
    if (said === undefined || !saysAs(said, proxies)) written.push(proxies);
  }
  return written;
}

/** Wider scopes come first, whatever order they were declared in. */
function widthOf({ scope: { namespace, pods, workload } }: EgressLimit): string {
  const rank = workload !== undefined ? 2 : isEverything(pods) ? 0 : 1;
  return JSON.stringify([rank, namespace, workload?.name ?? selectorKey(pods)]);
}

/** Whether the Sidecar resource of a scope applies to all pods of another, unless that has its own. */
function means(outer: EgressScope, inner: EgressScope): boolean {
  if (outer.namespace !== inner.namespace || outer.workload !== undefined) return false;
  const labels = inner.workload?.podLabels ?? inner.pods.matchLabels;
  return selectorMatches(outer.pods, labels);
}

/** A wider scope imports the Services of all scopes that it may mean, so that only hosts differ. */
function saysAs({ limits: wider }: LimitedProxies, { limits: own }: LimitedProxies): boolean {
  return JSON.stringify(wider?.hosts) === JSON.stringify(own?.hosts);
}

export function sidecarObject(
  { scope, limits }: LimitedProxies,
  flows: readonly string[],
): MeshObject {
  const { namespace, pods, workload } = scope;
  const selector = isEverything(pods) ? {} : { workloadSelector: { labels: pods.matchLabels } };
  const spec =
    limits === undefined
      ? { outboundTrafficPolicy: { mode: 'ALLOW_ANY' } }
      : {
          outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
          egress: [{ hosts: [...new Set([...limits.services, ...limits.hosts])].sort() }],
        };
  return {
    apiVersion: NETWORKING,
    kind: 'Sidecar',
    namespace,
    name: `${podsName(pods, workload?.name)}-egress`,
    spec: { ...selector, ...spec },
    flows,
    baseline: false,
    allows: true,
  };
}

/** Imports of Services, sorted. Proxies report to Services as well: of the root namespace, or where the profile says. */
function servicesFor(context: RenderContext, { namespace, flows, nearby }: EgressScope): string[] {
  const { rootNamespace, telemetry: backends = [] } = context.profile.mesh;
  const services = [...flows, ...nearby]
    .flatMap((flow) => servicesOf(context, flow))
    .filter((one) => !one.startsWith(`${rootNamespace}/`))
    .map((one) => (one.startsWith(`${namespace}/`) ? one.replace(namespace, '.') : one));
  const telemetry = [rootNamespace, ...backends.map((backend) => backend.namespace)]
    .filter((one) => one !== namespace)
    .map((one) => `${one}/*`);
  return [...new Set([servicesIn(context, '.'), ...telemetry, ...services])].sort();
}

/** Where the Services of a callee are. */
function servicesOf(context: RenderContext, { to }: FlowData): string[] {
  switch (to.kind) {
    case 'workload':
      return [servicesIn(context, to.namespace)];
    case 'pods':
      return to.namespaces.kind === 'names'
        ? to.namespaces.names.map((name) => servicesIn(context, name))
        : [servicesIn(context, '*')];
    case 'identity':
      return to.identity.kind === 'jwt'
        ? [servicesIn(context, '*')]
        : [servicesIn(context, to.identity.namespace)];
    case 'any':
      return [servicesIn(context, '*')];
    case 'kube-apiserver':
      // Service and endpoints are of two kinds: the proxy connects to the endpoints itself
      return [`default/${serviceHost(context.profile, 'default', 'kubernetes')}`];
    case 'dns':
      // queries over UDP pass by the proxy, those over TCP do not
      return context.profile.dns.pods.map(({ namespace }) => servicesIn(context, namespace));
    case 'cidr':
    case 'fqdn':
    case 'internet':
    case 'nodes':
      return [];
  }
}
