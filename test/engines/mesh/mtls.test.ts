/** Two pods with sidecars and one without: who gets an answer from the server, and with which mode. */

import type { MeshPod } from '../../naive/istio-world';
import type { Manifest } from '../../naive/load-yaml';
import { askSidecar } from '../../engine/istio/asking';
import { describeEngine } from '../harness/needs';
import { Run } from '../harness/run';
import { Tally } from '../harness/tally';
import { MeshCluster } from './mesh-cluster';
import { MESH_NEEDS } from './needs';

const PORT = 8080;
const SERVER: MeshPod = {
  ...{ namespace: 'serving', name: 'server', serviceAccount: 'server', inMesh: true },
  ...{ labels: { app: 'server' }, ports: [{ containerPort: PORT, name: 'http' }] },
  ...{ httpPorts: [PORT], ip: '10.240.0.10', ips: ['10.240.0.10'] },
};
const CLIENT: MeshPod = {
  ...{ namespace: 'clients', name: 'client', serviceAccount: 'client', inMesh: true },
  ...{ labels: { app: 'client' }, httpPorts: [], ip: '10.240.0.11', ips: ['10.240.0.11'] },
};
const PLAIN: MeshPod = {
  ...{ namespace: 'clients', name: 'plain', inMesh: false, httpPorts: [] },
  ...{ ip: '10.240.0.12', ips: ['10.240.0.12'] },
};
const SERVICE = {
  ...{ namespace: 'serving', name: 'server', clusterIP: '10.96.0.10', pods: [SERVER] },
  ports: [{ name: 'http', port: PORT }],
};

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
    mesh = await MeshCluster.start(run, {
      pods: [SERVER, CLIENT, PLAIN],
      services: [SERVICE],
    });
  });
  afterAll(() => run.end());

  /** Into `tally`, what is `shown` to the mesh and what our engine is told. */
  async function compare(
    tally: Tally,
    told: readonly Manifest[],
    shown: readonly Manifest[] = told,
  ): Promise<void> {
    await mesh.show(shown as unknown as Parameters<typeof mesh.show>[0]);
    const asks = [
      { from: CLIENT, to: `10.96.0.10:${PORT}`, host: `server.serving:${PORT}` },
      { from: PLAIN, to: `10.240.0.10:${PORT}`, host: 'server' },
    ];
    const answers = await mesh.ask(asks);
    asks.forEach(({ from }, index) => {
      const { verdict } = askSidecar(told, { from, to: SERVER, port: PORT });
      const answer = answers[index];
      const theirs = answer?.status === 200 ? 'ALLOWED' : 'DENIED';
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
