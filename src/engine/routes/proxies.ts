/**
 * What Istio's proxies say of clients, who prove nothing: the sidecar of pods that take them directly,
 * and a gateway, which obeys AuthorizationPolicy and RequestAuthentication, but whose servers and no
 * PeerAuthentication say how TLS is spoken.
 *
 * Source: istio/istio:pilot/pkg/networking/core/gateway.go, pilot/pkg/model/policyattachment.go
 */
import { objectName } from '../evidence';
import { ALL_REQUESTS } from '../http/requests';
import type { AllowedRequests } from '../istio/combine';
import { allowedRequests } from '../istio/allowed';
import { appliesTo } from '../istio/attachment';
import type { PodPoint } from '../istio/attachment';
import { compileAuthorization } from '../istio/authorization';
import type { Because } from '../layer';
import { tokenRules } from '../istio/request-authentication';
import type { World } from '../world';
import type { Passing } from './step';

export interface ProxyPassing extends Passing {
  readonly by: readonly Because[];
}

/** A client: no identity, and an address that nobody knows beforehand. */
const CLIENT = { addresses: [] };

/** What a gateway lets through that client send to one of its ports. */
export function atGateway(
  world: World,
  place: number,
  port: number,
  isHttp: boolean | undefined,
): ProxyPassing | undefined {
  const { cluster, classes } = world;
  const own = classes[place];
  if (own === undefined) return undefined;
  const point: PodPoint = {
    proxy: 'gateway',
    namespace: own.workload.namespace,
    labels: own.pods.labels,
    rootNamespace: cluster.profile.mesh.rootNamespace,
  };
  const policies = cluster.authorizationPolicies.filter((one) => appliesTo(one, point));
  if (policies.length === 0) return undefined;
  const answer = allowedRequests(
    {
      authorization: compileAuthorization(policies, point),
      tokens: tokenRules(cluster.requestAuthentications, point),
      mtls: { modes: ['PERMISSIVE'], policies: [], missing: [] },
      port,
      isHttp,
    },
    CLIENT,
  );
  return passing(
    answer,
    policies.map(({ resource }): Because => ({ resource })),
  );
}

/** What the proxy of pods lets through that clients send to them; undefined: there is none. */
export function atPods(world: World, place: number, port: number): ProxyPassing | undefined {
  const { mesh } = world.reach;
  const target = mesh?.targets.byPlace[place];
  if (mesh === undefined || target === undefined) return undefined;
  const policies = target.policiesAt(port);
  const { authorization, mtls } = policies;
  const answer = allowedRequests(policies, CLIENT);
  const by = new Map(
    [
      ...mtls.policies,
      ...[...authorization.http, ...authorization.bytes].map((one) => one.policy),
    ].map(({ resource }) => [objectName(resource), { resource }] as const),
  );
  const found = passing(answer, [...by.values()]);
  if (mesh.proxies[place] !== 'unknown') return found;
  // whether there is a proxy at all is not known: certain is what passes either way
  const facts = [...found.facts, 'mesh-membership'];
  return { ...found, possible: ALL_REQUESTS, facts: [...new Set(facts)].sort() };
}

function passing(
  { allowed, possible, missing }: AllowedRequests,
  by: readonly Because[],
): ProxyPassing {
  // addresses of clients are theirs, no pod's
  const facts = missing.map(({ fact }) => (fact === 'pod-address' ? 'client-address' : fact));
  return { allowed, possible, by, facts: [...new Set(facts)].sort() };
}
