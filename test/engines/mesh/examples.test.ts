/** Everybody asks everybody in examples: network policy and mesh together say what we say of both. */

import path from 'node:path';
import { Environment } from 'cdk8s-ml-netpol';
import { mlMesh } from '../../../examples/ml-mesh/ml-mesh';
import { practicus } from '../../../examples/practicus/practicus';
import { describeEngine } from '../harness/needs';
import { Run } from '../harness/run';
import { Tally } from '../harness/tally';
import type { ExampleOptions, ExampleScene } from './example-scene';
import { exampleScene } from './example-scene';
import { MeshCluster } from './mesh-cluster';
import { MESH_NEEDS } from './needs';
import { wordOf } from './word';

interface Example extends ExampleOptions {
  readonly synthesize: (folder: string) => void;
}

const EXAMPLES: Readonly<Record<string, Example>> = {
  practicus: {
    synthesize: (folder) => practicus(Environment.PROD, folder).synth(),
    requests: [
      { method: 'POST', path: '/v1/predict' },
      { method: 'GET', path: '/v1/models' },
      { method: 'GET', path: '/v1/x/../predict' },
    ],
    impostor: 'ml-jobs/Workload/job',
  },
  'ml-mesh': {
    synthesize: (folder) => mlMesh('sidecar', folder).synth(),
    // without tokens: nobody has the key of those that the example asks for
    requests: [
      { method: 'GET', path: '/health' },
      { method: 'POST', path: '/v1/models/bert:predict' },
      { method: 'GET', path: '/metrics' },
    ],
    impostor: 'ml-serving/Workload/inference-service',
  },
};

describeEngine('istio-mesh', MESH_NEEDS, () => {
  describe.each(Object.entries(EXAMPLES))('%s', (name, { synthesize, ...options }) => {
    const run = new Run();
    let mesh: MeshCluster;
    let example: ExampleScene;

    beforeAll(async () => {
      const folder = path.join(run.folder, name);
      synthesize(folder);
      example = exampleScene(folder, options);
      mesh = await MeshCluster.start(run, example.scene);
    });
    afterAll(() => run.end());

    /** Into `tally`, and the words that the mesh says. */
    async function compare(tally: Tally, cases = example.cases): Promise<ReadonlySet<string>> {
      const answers = await mesh.ask(cases.map((one) => one.ask));
      const words = cases.map((one, index) => {
        const answer = answers[index];
        const theirs = wordOf(answer, one.servers);
        const ours = example.verdict(one);
        const evidence = () => `${JSON.stringify(answer)}\n${example.evidence(one)}`;
        tally.compare(one.name, { ours, theirs }, evidence);
        return theirs;
      });
      return new Set(words);
    }

    test('an open platform without its policies is found out', async () => {
      const tally = new Tally('istio-mesh', 'control');
      await compare(
        tally,
        example.cases.filter((_, index) => index % 10 === 0),
      );
      expect(tally.disagreements).toBeGreaterThan(0);
    });

    test('who reaches whom, with which requests', async () => {
      const tally = new Tally('istio-mesh', name);
      await mesh.showNetwork();
      await mesh.show(example.manifests);
      const words = await compare(tally);
      tally.close();
      expect([...words].sort()).toEqual(['ALLOWED', 'DENIED']);
    });
  });
});
