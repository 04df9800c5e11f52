/** The proof as users meet it: a synth that fails, YAML of others, and what is not asked twice. */
import { App, Chart, JsonPatch, Testing } from 'cdk8s';
import type { ApiObject } from 'cdk8s';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultDeny, MlNamespace, Peer, Port, Proof, Workload } from '../../src';
import { validateTree } from '../../src/constructs/validate';
import * as proof from '../../src/proof/proof';

const folder = mkdtempSync(join(tmpdir(), 'ml-netpol-proof-'));

afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => jest.restoreAllMocks());

interface Serving {
  readonly app: App;
  readonly chart: Chart;
  readonly ingress: ApiObject;
}

/** An app that writes the policy `model-api-ingress` for one caller. */
function serving(): Serving {
  const app = new App({ outdir: join(folder, 'dist') });
  const chart = new Chart(app, 'serving');
  const namespace = new MlNamespace(chart, 'llm-serving');
  new DefaultDeny(chart, 'deny', { namespace });
  const api = new Workload(chart, 'model-api', {
    namespace,
    labels: { app: 'model-api' },
    ports: [Port.http(8080)],
  });
  api.allowFrom(Peer.namespace('ml-jobs'), { reason: 'batch scoring' });
  return { app, chart, ingress: namespace.node.findChild('model-api-ingress') as ApiObject };
}

function widen({ ingress }: Serving): void {
  ingress.addJsonPatch(JsonPatch.remove('/spec/ingress/0/from'));
}

const NAMED = [
  /serving\/llm-serving\/model-api-ingress/,
  /-> llm-serving\/Workload\/model-api TCP 8080 .*is allowed/,
  /NetworkPolicy llm-serving\/model-api-ingress \(serving\.k8s\.yaml:\d+\)/,
];

test('a late change of an object fails the synth, and names construct, pair, port and policy', () => {
  const tree = serving();
  widen(tree);
  for (const part of NAMED) expect(() => tree.app.synth()).toThrow(part);
});

test('Testing.synth fails as the synth does', () => {
  const tree = serving();
  widen(tree);
  for (const part of NAMED) expect(() => Testing.synth(tree.chart)).toThrow(part);
});

const LEFT_OVER = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: debug, namespace: llm-serving }
spec:
  podSelector: {}
  ingress: [{ ports: [{ port: 22 }] }]
`;

test('a policy that is left over in the YAML of others is found', () => {
  const file = join(folder, 'left-over.yaml');
  writeFileSync(file, LEFT_OVER);
  const { app } = serving();
  Proof.include(app, file);
  expect(() => app.synth()).toThrow(/TCP 22 is allowed by .*NetworkPolicy llm-serving\/debug/);
});

test('YAML of others that widens nothing is none of the synth’s business', () => {
  const file = join(folder, 'elsewhere.yaml');
  writeFileSync(file, LEFT_OVER.replace('namespace: llm-serving', 'namespace: others'));
  const { app } = serving();
  Proof.include(app, file);
  expect(() => {
    app.synth();
  }).not.toThrow();
});

test('the proof says what it looked at, and how much differs', () => {
  const tree = serving();
  const held = Proof.of(tree.chart);
  expect(held.differences).toEqual([]);
  expect(held.directions).toBeGreaterThan(0);
  expect(held.toString()).toMatch(
    /^proved: \d+ directions of isolated pods, for \d+ kinds of pods/,
  );
  widen(tree);
  const broken = Proof.of(tree.chart);
  expect(broken.differences.join('\n')).toMatch(/model-api TCP 8080/);
  expect(broken.toString()).toMatch(/^not proved: \d+ differences/);
});

test('nothing is proved twice, but what changed is', () => {
  const asked = jest.spyOn(proof, 'prove');
  const tree = serving();
  expect(validateTree(tree.app)).toEqual([]);
  expect(validateTree(tree.app)).toEqual([]);
  expect(asked).toHaveBeenCalledTimes(1);
  widen(tree);
  expect(validateTree(tree.app)).not.toEqual([]);
  expect(asked).toHaveBeenCalledTimes(2);
});
