/**
 * Who reaches whom in the examples: before their policies everybody (S4-06), and with them exactly
 * those of whom we say so (S3-09, S4-07).
 */

import path from 'node:path';
import { describeEngine } from '../harness/needs';
import { Run } from '../harness/run';
import { Tally } from '../harness/tally';
import { EXAMPLES } from '../written/examples';
import { FELIX_NEEDS } from './calico-felix';
import { compareCells } from './compare';
import { before, matrixOf } from './example-matrix';
import { FelixCluster } from './felix-cluster';

describeEngine('calico-felix', FELIX_NEEDS, () => {
  const run = new Run();
  let cluster: FelixCluster;

  beforeAll(async () => {
    cluster = await FelixCluster.start(run);
  });
  afterAll(() => run.end());

  test.each(Object.entries(EXAMPLES))(
    '%s, before and after its policies',
    async (name, synthesize) => {
      const folder = path.join(run.folder, name);
      synthesize(folder);
      const matrix = matrixOf(folder);
      for (const [when, { world, cells, prediction }] of [
        ['before', before(matrix)],
        ['after', matrix],
      ] as const) {
        const tally = new Tally('calico-felix', `${name} ${when}`);
        await cluster.show(world);
        await compareCells(cluster, { title: `${name} ${when}`, cells }, [{ tally, prediction }]);
        tally.close();
        const verdicts = new Set(cells.map((cell) => prediction.verdict(cell)));
        expect([...verdicts].sort()).toEqual(
          when === 'before' ? ['ALLOWED'] : ['ALLOWED', 'DENIED'],
        );
      }
    },
  );
});
