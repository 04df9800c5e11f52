import { jwtRuleWithoutAuthentication } from '../../src/rules/jwt-rule-without-authentication';
import { testRule } from '../support/rules';

const { bad, good } = jwtRuleWithoutAuthentication.examples;
const policy = (more: string): string => `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: api, namespace: llm-serving }
spec: { ${more}, rules: [{ when: [{ key: 'request.auth.claims[sub]', values: [bert] }] }] }
`;
const authentication = (more: string): string => `---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: jwt, namespace: llm-serving }
spec: { ${more}, jwtRules: [{ issuer: a, jwksUri: https://a.example.com/ }] }
`;
const target = (name: string): string =>
  `targetRefs: [{ kind: Service, group: '', name: ${name} }]`;

testRule(jwtRuleWithoutAuthentication, {
  valid: [
    {
      title: 'a namespace’s own',
      yaml: good.yaml.replace('selector: { matchLabels: { app: model-api } }', 'selector: {}'),
    },
    { title: 'the same target', yaml: policy(target('api')) + authentication(target('api')) },
    {
      title: 'pods that nobody shows',
      yaml:
        policy('selector: { matchLabels: { a: b } }') +
        authentication('selector: { matchLabels: { c: d } }'),
    },
  ],
  invalid: [
    {
      title: 'another selector',
      yaml: bad.yaml,
      found: [
        {
          at: '14:11',
          object: 'AuthorizationPolicy llm-serving/model-api',
          got: 'requestPrincipals, and no RequestAuthentication for llm-serving/Pod/model-api',
        },
      ],
    },
    {
      title: 'no RequestAuthentication at all',
      yaml: policy('action: ALLOW'),
      found: [
        {
          got: 'request.auth.claims[sub], and no RequestAuthentication for any pod of llm-serving',
        },
      ],
    },
    {
      title: 'another target',
      yaml: policy(target('api')) + authentication(target('chat')),
      found: [
        { got: 'request.auth.claims[sub], and no RequestAuthentication for the same target' },
      ],
    },
  ],
});
