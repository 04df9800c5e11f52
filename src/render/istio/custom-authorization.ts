/**
 * AuthorizationPolicies with action CUSTOM: an external authorizer is asked first, about requests by
 * method, path, host and port; identities and tokens are not known yet.
 *
 * Istio asks one provider per workload only, and an HTTP provider not at all about a TCP port: both
 * are refused here, because Istio accepts them.
 * Source: istio/istio:pilot/pkg/security/authz/builder/extauthz.go and builder.go
 */
import type { HttpData } from '../../values/http';
import { describeHttp } from '../../values/http';
import type { Problem } from '../../values/problem';
import type { WorkloadData } from '../../traffic/data';
import type { CustomAuthorizationDeclaration } from '../../traffic/request-data';
import { meshDeclarations } from '../../traffic/model';
import type { RenderContext } from '../context';
import { withPorts } from './operations';
import type { MeshObject } from './object';
import { SECURITY } from './object';
import type { Target } from './request-targets';
import { declarationProblem, opaqueProblems, targetsOf, withReason } from './request-targets';
import { requestPorts } from './service-ports';

/** One policy per workload and provider. */
export function customObjects(context: RenderContext): MeshObject[] {
  return targetsOf(context, meshDeclarations(context.model, 'custom-authorization')).flatMap(
    ({ workload, declarations }) => {
      // without any port there is no rule to write, and synth says why
      const meant = declarations.filter(({ ports }) => requestPorts(workload, ports).length > 0);
      return providersOf(meant).map((provider) =>
        customPolicy({
          workload,
          declarations: meant.filter((one) => one.provider === provider),
        }),
      );
    },
  );
}

/** Ports without requests, and a second provider. */
export function customProblems(context: RenderContext): Problem[] {
  return targetsOf(context, meshDeclarations(context.model, 'custom-authorization')).flatMap(
    ({ workload, declarations }) => [
      ...declarations.flatMap((one) => opaqueProblems(workload, one)),
      ...secondProviderProblems(declarations),
    ],
  );
}

function secondProviderProblems(
  declarations: readonly CustomAuthorizationDeclaration[],
): Problem[] {
  const [first] = declarations;
  return declarations
    .filter((one) => first !== undefined && one.provider !== first.provider)
    .map((one) =>
      declarationProblem(one, {
        code: 'second-provider',
        got: one.provider,
        expected: `one provider for the pods of a workload: ${first?.by ?? ''} asks ${first?.provider ?? ''}, and with a second one Istio refuses every request`,
        fix: `provider: '${first?.provider ?? ''}'`,
      }),
    );
}

function providersOf(declarations: readonly CustomAuthorizationDeclaration[]): string[] {
  return [...new Set(declarations.map(({ provider }) => provider))].sort();
}

function customPolicy({
  workload,
  declarations,
}: Target<CustomAuthorizationDeclaration>): MeshObject {
  const rules = declarations.map((one) => JSON.stringify(ruleOf(workload, one)));
  const flows = declarations.map((one) => describe(workload, one));
  const provider = declarations[0]?.provider ?? '';
  return {
    apiVersion: SECURITY,
    kind: 'AuthorizationPolicy',
    namespace: workload.namespace,
    name: `${workload.name}-asks-${provider}`,
    spec: {
      selector: { matchLabels: workload.labels },
      action: 'CUSTOM',
      provider: { name: provider },
      rules: [...new Set(rules)].sort().map((rule): unknown => JSON.parse(rule)),
    },
    flows: [...new Set(flows)].sort(),
    baseline: false,
    allows: false,
  };
}

/** Ports always stand there: without them the authorizer would be asked about TCP connections too. */
function ruleOf(workload: WorkloadData, one: CustomAuthorizationDeclaration): object {
  const ports = requestPorts(workload, one.ports).map(String);
  const requests: readonly HttpData[] =
    one.http.length === 0 ? [{ methods: [], paths: [], hosts: [] }] : one.http;
  return {
    to: requests.map(({ methods, paths, hosts }) => ({
      operation: {
        ...(methods.length > 0 && { methods }),
        ...(paths.length > 0 && { paths }),
        ...(hosts.length > 0 && { hosts: withPorts(hosts) }),
        ports,
      },
    })),
  };
}

/** The condition that a request has to meet, for whoever reads the policy. */
function describe(workload: WorkloadData, one: CustomAuthorizationDeclaration): string {
  const ports = requestPorts(workload, one.ports).join(', ');
  const what = one.http.length === 0 ? 'every request' : one.http.map(describeHttp).join('; ');
  return withReason(`if external authorizer ${one.provider} agrees: TCP ${ports} ${what}`, one);
}
