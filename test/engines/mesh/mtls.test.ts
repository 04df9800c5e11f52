/** Two pods with sidecars and one without: who gets an answer from the server, and with which mode. */

import type { Manifest } from '../../naive/load-yaml';
import { askSidecar } from '../../engine/istio/asking';
import { describeEngine } from '../harness/needs';
import { Run } from '../harness/run';
import { Tally } from '../harness/tally';
import { CALL, PLAIN, PORT, SCENE, SERVER, SERVERS } from './cast';
import { MeshCluster } from './mesh-cluster';
import { MESH_NEEDS } from './needs';
import { wordOf } from './word';

const MODES = ['PERMISSIVE', 'STRICT'] as const;

function peerAuthentication(mode: (typeof MODES)[number]): Manifest {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace: 'serving' },
    spec: { mtls: { mode } },
  } as Manifest;
}

describeEngine('istio-mesh', MESH_NEEDS, () => {
  const run = new Run();
  let mesh: MeshCluster;

  beforeAll(async () => {
    mesh = await MeshCluster.start(run, SCENE);
  });
  afterAll(() => run.end());

  /** Into `tally`, what is `shown` to the mesh and what our engine is told. */
  async function compare(
    tally: Tally,
    told: readonly Manifest[],
    shown: readonly Manifest[] = told,
  ): Promise<void> {
    await mesh.show(shown as unknown as Parameters<typeof mesh.show>[0]);
    const direct = { to: `${SERVER.ip ?? ''}:${String(PORT)}`, host: 'server' };
    const asks = [CALL, { from: PLAIN, ...direct }];
    const answers = await mesh.ask(asks);
    asks.forEach(({ from }, index) => {
      const { verdict } = askSidecar(told, { from, to: SERVER, port: PORT });
      const answer = answers[index];
      const theirs = wordOf(answer, SERVERS);
      tally.compare(`${from.name} -> server`, { ours: verdict, theirs }, () =>
        JSON.stringify([told, answer]),
      );
    });
  }

  test.each(MODES)('mode %s', async (mode) => {
    const tally = new Tally('istio-mesh', `mTLS ${mode}`);
    await compare(tally, [peerAuthentication(mode)]);
    tally.close();
  });

  test('who is shown no policy is found out', async () => {
    const tally = new Tally('istio-mesh', 'control');
    await compare(tally, [peerAuthentication('STRICT')], []);
    expect(tally.disagreements).toBe(1);
  });
});
