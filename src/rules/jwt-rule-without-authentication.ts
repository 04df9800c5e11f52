/** MLN401: rules about tokens where nobody reads tokens. */
import type { IstioFacts } from '../read/cluster';
import { appliesTo, targetsOf } from '../engine/istio/attachment';
import { tokenRules } from '../engine/istio/request-authentication';
import { positive } from '../engine/istio/rules';
import type { AuthorizationRule } from '../engine/istio/spec';
import { actionOf, isDryRun, rulesOf } from '../engine/istio/spec';
import type { World } from '../engine/world';
import { about, everyPlace, namesOf } from './about';
import type { Found, Rule } from './rule';

export const jwtRuleWithoutAuthentication: Rule = {
  code: 'MLN401',
  name: 'jwt-rule-without-authentication',
  severity: 'error',
  summary: 'a rule asks about tokens, and no RequestAuthentication reads them',
  why:
    'Without a RequestAuthentication for the same pods a request has no principal: an ALLOW rule that ' +
    'asks for one matches nobody, a DENY rule for requests without one denies everybody.',
  whenNot: 'The RequestAuthentication is in another repository: read both together.',
  sources: ['istio/istio#22813', 'kserve/kserve#1903'],
  examples: {
    bad: { yaml: example('app: triton') },
    good: { yaml: example('app: model-api') },
  },
  check: (world) =>
    world.cluster.authorizationPolicies
      .filter((policy) => policy.unclear.length === 0 && !isDryRun(policy))
      .flatMap((policy) =>
        rulesOf(policy).flatMap((rule, index): Found[] => {
          const asked = asksForToken(rule);
          const unread = asked === undefined ? undefined : unreadAt(world, policy);
          if (asked === undefined || unread === undefined) return [];
          return [
            {
              ...about(policy.resource, ['spec', 'rules', index]),
              message:
                actionOf(policy) === 'ALLOW'
                  ? 'the rule asks for a token that nobody reads: it matches no request'
                  : 'the rule asks for a token that nobody reads',
              got: `${asked}, and no RequestAuthentication for ${unread}`,
              expected: 'a RequestAuthentication that selects the same pods',
              fix: `new JwtAuthentication(this, 'jwt', { workload, issuer: 'https://idp.example.com/', jwksUri: 'https://idp.example.com/keys' })`,
            },
          ];
        }),
      ),
};

function example(selected: string): string {
  return `
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: jwt, namespace: llm-serving }
spec:
  selector: { matchLabels: { ${selected} } }
  jwtRules: [{ issuer: https://idp.example.com/, jwksUri: https://idp.example.com/keys }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: model-api, namespace: llm-serving }
spec:
  selector: { matchLabels: { app: model-api } }
  rules: [{ from: [{ source: { requestPrincipals: ['https://idp.example.com//*'] } }] }]
---
apiVersion: v1
kind: Pod
metadata: { name: model-api, namespace: llm-serving, labels: { app: model-api, sidecar.istio.io/inject: 'true' } }
spec: { containers: [{ name: main, image: vllm }] }
`;
}

function asksForToken({ sources, when }: AuthorizationRule): string | undefined {
  const field = sources
    .flatMap((source) => Object.keys(source))
    .find((name) => positive(name) === 'requestPrincipals');
  return field ?? when.map(({ key }) => key).find((key) => key.startsWith('request.auth.'));
}

/** Where nobody reads tokens for a policy; undefined: somebody does, or that is not known. */
function unreadAt(world: World, policy: IstioFacts): string | undefined {
  const { requestAuthentications, profile } = world.cluster;
  if (targetsOf(policy.spec).length > 0) {
    const known = requestAuthentications.some(
      (one) => one.namespace === policy.namespace && sharesTarget(one, policy),
    );
    return known ? undefined : 'the same target';
  }
  const places = everyPlace(world).filter((place) => {
    const point = world.pointOf(place);
    return point?.proxy === 'sidecar' && appliesTo(policy, point);
  });
  if (places.length === 0) {
    // pods that nobody shows: certain only where nobody at all reads tokens
    const { rootNamespace } = profile.mesh;
    const near = requestAuthentications.some(
      ({ namespace }) =>
        policy.namespace === rootNamespace ||
        namespace === rootNamespace ||
        namespace === policy.namespace,
    );
    const isAmbient = everyPlace(world).some((place) => {
      const point = world.pointOf(place);
      return point !== undefined && appliesTo(policy, point);
    });
    return near || isAmbient ? undefined : `any pod of ${policy.namespace}`;
  }
  const unread = places.filter((place) => {
    const point = world.pointOf(place);
    if (point === undefined) return false;
    const { rules, unclear } = tokenRules(requestAuthentications, point);
    return rules.length === 0 && unclear.length === 0;
  });
  return unread.length === 0 ? undefined : namesOf(world, unread);
}

function sharesTarget(one: IstioFacts, policy: IstioFacts): boolean {
  const wanted = targetsOf(policy.spec).map((target) => JSON.stringify(target));
  return targetsOf(one.spec).some((target) => wanted.includes(JSON.stringify(target)));
}
