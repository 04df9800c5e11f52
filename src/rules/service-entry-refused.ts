/** MLN307: objects that Istio itself refuses. */
import { about } from './about';
import type { Found, Rule } from './rule';

const entry = (resolution: string): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: hugging-face, namespace: ml-training }
spec:
  hosts: ['*.huggingface.co']
  location: MESH_EXTERNAL
  resolution: ${resolution}
  ports: [{ number: 443, name: tls, protocol: TLS }]
`;

export const serviceEntryRefused: Rule = {
  code: 'MLN307',
  name: 'service-entry-refused',
  severity: 'error',
  summary: 'Istio refuses an object',
  why:
    'The API server or istiod’s webhook refuses it, so that it is never in force; where webhooks are ' +
    'off, proxies get a part of it or nothing. A wildcard host with DNS resolution is the usual one.',
  whenNot: 'A newer Istio accepts it. Acknowledge it, with the version.',
  sources: ['istio/istio#13241', 'istio/istio:pkg/config/validation/validation.go'],
  examples: { bad: { yaml: entry('DNS') }, good: { yaml: entry('NONE') } },
  check: ({ cluster }) =>
    [
      ...cluster.authorizationPolicies,
      ...cluster.peerAuthentications,
      ...cluster.requestAuthentications,
      ...cluster.istioNetworking,
    ].flatMap(({ resource, unclear }) =>
      unclear.map(({ path, why }): Found => {
        // `spec.hosts[0]: expected …`
        const expected = /^(?:\S+): expected (.*)$/.exec(why)?.[1];
        return {
          ...about(resource, path),
          message: `Istio refuses this ${resource.kind}: it is never in force`,
          got: why,
          expected: expected ?? 'what Istio accepts',
          fix: `${path.join('.')}: ${expected ?? 'as Istio’s reference has it'}`,
        };
      }),
    ),
};
