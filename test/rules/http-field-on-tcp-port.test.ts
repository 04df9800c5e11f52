import { httpFieldOnTcpPort } from '../../src/rules/http-field-on-tcp-port';
import { check, testRule } from '../support/rules';

const { yaml: bad } = httpFieldOnTcpPort.examples.bad;
const allow = bad.replace('action: DENY', 'action: ALLOW');

testRule(httpFieldOnTcpPort, {
  valid: [
    { title: 'a port of which nothing is known', yaml: bad.replace('tcp-model', 'model') },
    {
      title: 'ports that are HTTP',
      yaml: bad.replace('operation: {', "operation: { ports: ['8000'],"),
    },
    {
      title: 'ALLOW for the HTTP ports of pods with others besides',
      yaml: allow.replace(
        'ports: [{ name: tcp-model, port: 8001 }]',
        'ports: [{ name: tcp-model, port: 8001 }, { name: http-model, port: 8000 }]',
      ),
    },
  ],
  invalid: [
    {
      title: 'DENY by path, which denies the port',
      yaml: bad,
      found: [
        {
          at: '17:11',
          object: 'AuthorizationPolicy llm-serving/triton',
          got: 'paths on TCP 8001 of llm-serving/Pod/triton',
        },
      ],
    },
    {
      title: 'ALLOW by path, which allows nothing',
      yaml: allow,
      found: [{ got: 'paths on TCP 8001 of llm-serving/Pod/triton' }],
    },
    {
      title: 'paths at ztunnel',
      yaml: allow.replace("sidecar.istio.io/inject: 'true'", 'istio.io/dataplane-mode: ambient'),
      found: [
        {
          at: '17:11',
          got: 'an ALLOW rule with paths, which ztunnel does not see, at llm-serving/Pod/triton',
        },
      ],
    },
  ],
});

test('DENY is an error, ALLOW a warning', () => {
  expect(check(httpFieldOnTcpPort, { yaml: bad })).toMatchObject([{ severity: 'error' }]);
  expect(check(httpFieldOnTcpPort, { yaml: allow })[0]).not.toHaveProperty('severity');
});
