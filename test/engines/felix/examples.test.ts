/**
 * Who reaches whom in the examples: before their policies everybody (S4-06), and with them exactly
 * those of whom we say so (S3-09, S4-07).
 */

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describeEngine } from '../harness/needs';
import { Run } from '../harness/run';
import { Tally } from '../harness/tally';
import { FELIX_NEEDS } from './calico-felix';
import { compareCells } from './compare';
import { before, matrixOf } from './example-matrix';
import { FelixCluster } from './felix-cluster';

const EXAMPLES = path.join(__dirname, '..', '..', '..', 'examples');
const names = readdirSync(EXAMPLES).filter((name) =>
  existsSync(path.join(EXAMPLES, name, 'main.ts')),
);

describeEngine('calico-felix', FELIX_NEEDS, () => {
  const run = new Run();
  let cluster: FelixCluster;

  beforeAll(async () => {
    cluster = await FelixCluster.start(run);
  });
  afterAll(() => run.end());

  test.each(names)('%s, before and after its policies', async (name) => {
    const matrix = matrixOf(synthesized(run, name));
    for (const [when, { world, cells, prediction }] of [
      ['before', before(matrix)],
      ['after', matrix],
    ] as const) {
      const tally = new Tally('calico-felix', `${name} ${when}`);
      await cluster.show(world);
      await compareCells(cluster, { title: `${name} ${when}`, cells }, [{ tally, prediction }]);
      tally.close();
      const verdicts = new Set(cells.map((cell) => prediction.verdict(cell)));
      expect([...verdicts].sort()).toEqual(when === 'before' ? ['ALLOWED'] : ['ALLOWED', 'DENIED']);
    }
  });
});

/** What the example's own program writes. */
function synthesized(run: Run, name: string): string {
  const folder = path.join(run.folder, name);
  const { CDK8S_OUTDIR } = process.env;
  process.env['CDK8S_OUTDIR'] = folder;
  try {
    jest.requireActual(path.join(EXAMPLES, name, 'main.ts'));
  } finally {
    if (CDK8S_OUTDIR === undefined) delete process.env['CDK8S_OUTDIR'];
    else process.env['CDK8S_OUTDIR'] = CDK8S_OUTDIR;
  }
  return folder;
}
