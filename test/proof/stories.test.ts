/**
 * Does the proof hold over models that were found exact by the naive evaluators? Random stories, with
 * and without a mesh, are declared and written; whatever synth accepts, the proof must accept.
 */
import { ApiObject, Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { ClusterProfile } from '../../src';
import { treeOf } from '../../src/constructs/tree';
import { prove } from '../../src/proof/proof';
import { anyMeshStory } from '../support/mesh-arbitrary';
import { buildStory } from '../support/mesh-build';
import { outcomeOf } from '../support/mesh-judge';
import { textOf } from '../support/mesh-text';

const runs = Number(process.env['FUZZ_RUNS'] ?? 300);
const seed = Number(process.env['FUZZ_SEED'] ?? 7);

test('the proof holds for whatever the mesh stories write', () => {
  let proved = 0;
  fc.assert(
    fc.property(anyMeshStory, (story) => {
      if (process.env['ONLY'] !== undefined && story.mesh !== process.env['ONLY']) return;
      const { app } = buildStory(story);
      if (outcomeOf(app).codes.length > 0) return;
      proved += 1;
      const objects = app.node
        .findAll()
        .filter((node): node is ApiObject => ApiObject.isApiObject(node));
      const text = Yaml.stringify(...objects.map((object) => object.toJson() as object));
      const context = { model: treeOf(app).model, profile: ClusterProfile.of(app)._data };
      const { problems } = prove(context, [{ file: 'dist.yaml', text }]);
      if (problems.length > 0) {
        throw new Error(
          [
            textOf(story),
            ...problems.map(({ code, where, got }) => `${code} ${where}: ${String(got)}`),
          ].join('\n'),
        );
      }
    }),
    { numRuns: runs, seed },
  );
  process.stderr.write(`proof: ${String(proved)} models proved\n`);
});
