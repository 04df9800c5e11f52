/**
 * The text of the canary: nobody judges routes here, they decide nothing about who may call.
 */
import { Environment } from 'cdk8s-ml-netpol';
import { outputFolder } from '../../test/support/reach';
import { documents } from '../../test/support/written';
import { practicus } from './practicus';

interface HttpRoute {
  readonly match?: unknown;
  readonly route: readonly { readonly destination: { readonly host: string } }[];
  readonly timeout: string;
  readonly retries: {
    readonly attempts: number;
    readonly perTryTimeout: string;
    readonly retryOn: string;
  };
}

const folder = outputFolder();
practicus(Environment.PROD, folder).synth();

describe('the routing of the model API', () => {
  const [virtualService] = documents(folder, 'VirtualService');
  const [destinationRule] = documents(folder, 'DestinationRule');
  const host = 'model-api.model-serving.svc.cluster.local';
  const { http, ...scope } = virtualService?.['spec'] as { http: HttpRoute[] };
  const [predictions, others] = http;
  const to = (subset: string) => ({ host, port: { number: 8080 }, subset });

  test('S0-13 S0-19 a tenth of the predictions goes to the canary', () => {
    expect(predictions).toMatchObject({
      match: [{ uri: { prefix: '/v1/predict' } }],
      route: [
        { destination: to('v1-stable'), weight: 90 },
        { destination: to('v2-canary'), weight: 10 },
      ],
    });
  });

  test('S0-13 S0-19 every other request goes to the stable version', () => {
    expect(http).toHaveLength(2);
    expect(others).not.toHaveProperty('match');
    expect(others?.route).toEqual([{ destination: to('v1-stable') }]);
  });

  test.each([0, 1])('S0-13 S0-19 two more tries fit the five seconds of route %i', (index) => {
    expect(http[index]?.timeout).toBe('5s');
    expect(http[index]?.retries.attempts).toBe(2);
    const perTry = Number(/^(\d+)ms$/.exec(http[index]?.retries.perTryTimeout ?? '')?.[1]);
    expect(3 * perTry).toBeLessThan(5000);
    // else a try that takes too long would end the request instead of being repeated
    expect(http[index]?.retries.retryOn.split(',')).toContain('gateway-error');
  });

  test('S0-13 circuits break, and each version has its subset', () => {
    expect(destinationRule?.['spec']).toMatchObject({
      host,
      subsets: [
        { name: 'v1-stable', labels: { version: 'v1-stable' } },
        { name: 'v2-canary', labels: { version: 'v2-canary' } },
      ],
      trafficPolicy: {
        connectionPool: {
          tcp: { maxConnections: 100 },
          http: { http1MaxPendingRequests: 50 },
        },
        outlierDetection: { consecutive5xxErrors: 5, baseEjectionTime: '30s' },
      },
    });
  });

  test('S0-20 routing relaxes no boundary: no gateway, no other host, mutual TLS kept', () => {
    expect(scope).toEqual({ hosts: [host] });
    const hosts = http.flatMap(({ route }) => route.map(({ destination }) => destination.host));
    expect(new Set(hosts)).toEqual(new Set([host]));
    expect(destinationRule?.['spec']).toHaveProperty('trafficPolicy.tls', { mode: 'ISTIO_MUTUAL' });
  });
});
