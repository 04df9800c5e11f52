/**
 * An app may load the package twice: its own copy, and the one of a library of charts.
 */
import { App, Chart, Testing } from 'cdk8s';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { TrafficModel } from '../../src/constructs/traffic-model';
import type { Workload } from '../../src/constructs/workload';
import { Peer } from '../../src/traffic/peer';
import type { Port } from '../../src/values/port';
import type { Manifest } from '../support/synth';
import { refusal } from '../support/synth';

interface Copy {
  readonly Workload: typeof Workload;
  readonly Port: typeof Port;
  readonly Peer: typeof Peer;
}

/** A second copy of the package with cdk8s and constructs of the first, as npm would install it. */
function secondCopy(schema?: number): Copy {
  const shared = {
    cdk8s: jest.requireActual<object>('cdk8s'),
    constructs: jest.requireActual<object>('constructs'),
  };
  let copy: Copy | undefined;
  jest.isolateModules(() => {
    for (const [name, module] of Object.entries(shared)) jest.doMock(name, () => module);
    if (schema !== undefined) {
      jest.doMock('../../src/traffic/data', () => ({
        ...jest.requireActual<object>('../../src/traffic/data'),
        MODEL_SCHEMA: schema,
      }));
    }
    /* eslint-disable @typescript-eslint/no-require-imports -- only require loads a module again */
    copy = {
      Workload: (require('../../src/constructs/workload') as Copy).Workload,
      Port: (require('../../src/values/port') as Copy).Port,
      Peer: (require('../../src/traffic/peer') as Copy).Peer,
    };
    /* eslint-enable @typescript-eslint/no-require-imports */
  });
  jest.dontMock('../../src/traffic/data');
  if (copy === undefined) throw new Error('no copy');
  return copy;
}

test('two copies share one model: workloads of one, isolation and peers of the other', () => {
  const other = secondCopy();
  expect(other.Peer).not.toBe(Peer);
  const chart = new Chart(new App(), 'serving');
  const namespace = new MlNamespace(chart, 'llm-serving');
  const api = new other.Workload(chart, 'api', {
    namespace,
    labels: { app: 'api' },
    ports: [other.Port.http(8080)],
  });
  new DefaultDeny(chart, 'deny', { namespace });
  api.allowFrom(Peer.namespace('ml-jobs'), { reason: 'scoring' });
  api.allowTo(other.Peer.namespace('feature-store'), { ports: [other.Port.tcp(6566)] });
  const names = (Testing.synth(chart) as Manifest[]).map(({ metadata }) => metadata.name).sort();
  expect(names).toEqual(['api-egress', 'api-ingress', 'default-deny', 'llm-serving']);
  expect(TrafficModel.of(chart).lines.filter((line) => line.includes('"flow"'))).toHaveLength(2);
});

test('fails for copies of unequal model schema, and names both', () => {
  const other = secondCopy(2);
  const chart = new Chart(new App(), 'serving');
  const namespace = new MlNamespace(chart, 'llm-serving');
  const problem = refusal(
    () => new other.Workload(chart, 'api', { namespace, labels: { app: 'api' } }),
  );
  expect(problem).toMatchObject({
    code: 'incompatible-copies',
    got: [expect.stringMatching(/^\S+ in .+/), expect.stringMatching(/^\S+ in .+/)],
    fix: 'npm dedupe, or install one version of cdk8s-ml-netpol for both',
  });
});
