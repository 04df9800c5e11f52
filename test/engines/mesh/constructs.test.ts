/** What constructs promise of requests, in a mesh that has what they write: tokens, hosts, limits, routes. */

import {
  ExternalEgress,
  JwtAuthentication,
  Peer,
  Port,
  RateLimit,
  RateLimitUnit,
  TrafficRoute,
  TrafficSplit,
} from 'cdk8s-ml-netpol';
import type { Token } from '../../naive/istio-world';
import type { Manifest } from '../../naive/load-yaml';
import { askSidecar } from '../../engine/istio/asking';
import type { RawAnswer } from '../envoy/requests';
import type { Flaw } from '../envoy/tokens';
import { KEYS, signed } from '../envoy/tokens';
import { describeEngine } from '../harness/needs';
import { Run } from '../harness/run';
import { Tally } from '../harness/tally';
import { CALL, CLIENT, OUTSIDE, OUTSIDE_PORT, PORT, SCENE, SERVER, SERVERS } from './cast';
import { istioObjects } from './declared';
import type { Ask } from './mesh-cluster';
import { MeshCluster } from './mesh-cluster';
import { MESH_NEEDS } from './needs';
import { wordOf } from './word';

const ISSUER = 'https://issuer.example';
const KNOWN: Token = {
  ...{ issuer: ISSUER, subject: 'alice', audiences: ['models'], valid: true },
  claims: { groups: ['users'] },
};
const TOKENS: readonly (readonly [string, Token | undefined, Flaw?])[] = [
  ['none', undefined],
  ['good', KNOWN],
  ['expired', { ...KNOWN, valid: false }, 'expired'],
  ['of another key', { ...KNOWN, valid: false }, 'signed by another key'],
  ['of another issuer', { ...KNOWN, issuer: 'https://other.example' }],
  ['of another group', { ...KNOWN, claims: { groups: ['guests'] } }],
  ['for another audience', { ...KNOWN, audiences: ['others'] }],
];

/** As many requests as tell a tenth from a fifth, and the deviations from it that chance allows. */
const [REQUESTS, DEVIATIONS] = [1000, 5];

describeEngine('istio-mesh', MESH_NEEDS, () => {
  const run = new Run();
  let mesh: MeshCluster;

  beforeAll(async () => {
    mesh = await MeshCluster.start(run, SCENE);
  });
  afterAll(() => run.end());

  const show = (manifests: readonly Manifest[]): Promise<void> =>
    mesh.show(manifests as unknown as Parameters<typeof mesh.show>[0]);

  const times = (count: number, ask: Ask): Ask[] =>
    Array.from({ length: count }, () => ({ ...ask }));

  function counted(answers: readonly RawAnswer[], what: (answer: RawAnswer) => boolean): number {
    return answers.filter(what).length;
  }

  test('tokens', async () => {
    const tally = new Tally('istio-mesh', 'tokens');
    const told = istioObjects(({ chart, server: workload }) => {
      const claims = { groups: ['users'] };
      const keys = { audiences: ['models'], jwks: KEYS };
      new JwtAuthentication(chart, 'tokens', { workload, issuer: ISSUER, ...keys, claims });
    });
    await show(told);
    const asks = TOKENS.map(([, token, flaw]): Ask => ({
      ...CALL,
      headers: token === undefined ? {} : { Authorization: `Bearer ${signed(token, flaw)}` },
    }));
    const answers = await mesh.ask(asks);
    TOKENS.forEach(([name, jwt], index) => {
      const request = { from: CLIENT, to: SERVER, port: PORT, method: 'GET', path: '/' };
      const ours = askSidecar(told, { ...request, ...(jwt && { jwt }) }).verdict;
      const theirs = wordOf(answers[index], SERVERS);
      tally.compare(`token ${name}`, { ours, theirs }, () => JSON.stringify(answers[index]));
    });
    tally.close();
    expect(answers.map(({ status }) => status)).toContain(200);
  });

  test('hosts outside the mesh', async () => {
    const tally = new Tally('istio-mesh', 'hosts');
    const to = `${OUTSIDE.ip ?? ''}:${String(OUTSIDE_PORT)}`;
    const asks = ['a.models.example', 'other.example'].map((host): Ask => ({
      ...{ from: CLIENT, to, host },
    }));
    await show([]);
    const open = await mesh.ask(asks);
    expect(open.map(({ status }) => status)).toEqual([200, 200]); // the control
    const written = istioObjects(({ chart, client }) => {
      new ExternalEgress(chart, 'models', {
        from: client,
        to: [Peer.fqdn('*.models.example')],
        ports: [Port.http(OUTSIDE_PORT)],
        reason: 'models',
      });
    });
    await show(written);
    const answers = await mesh.ask(asks);
    asks.forEach(({ host }, index) => {
      const ours = host.endsWith('.models.example') ? 'ALLOWED' : 'DENIED';
      const theirs = wordOf(answers[index], ['outside/outside']);
      tally.compare(host, { ours, theirs }, () => JSON.stringify([answers[index], written]));
    });
    tally.close();
  });

  test('limits of each pod', async () => {
    const tally = new Tally('istio-mesh', 'limits');
    const [requests, sent, pods] = [5, 60, 2];
    await show(
      istioObjects(({ chart, server: workload }) => {
        const unit = RateLimitUnit.HOUR;
        new RateLimit(chart, 'limit', { workload, requests, unit, reason: 'a GPU' });
      }),
    );
    const answers = await mesh.askOnce(times(sent, CALL));
    const passed = counted(answers, ({ status }) => status === 200);
    const limited = counted(answers, ({ status }) => status === 429);
    tally.compare('requests that pass', { ours: requests * pods, theirs: passed });
    tally.compare('requests above the limit', { ours: sent - requests * pods, theirs: limited });
    tally.close();
  });

  test('a tenth to the canary', async () => {
    const tally = new Tally('istio-mesh', 'canary');
    await show(
      istioObjects(({ chart, server: workload }) => {
        const split = TrafficSplit.canary('stable', 'canary', 10);
        const rest = { paths: ['/v1/predict*'], otherwise: 'stable', reason: 'a new version' };
        new TrafficRoute(chart, 'route', { workload, split, ...rest });
      }),
    );
    const isCanary = ({ body }: RawAnswer): boolean => body.endsWith('server-canary');
    const split = await mesh.askOnce(times(REQUESTS, { ...CALL, path: '/v1/predict' }));
    const [mean, deviation] = [REQUESTS * 0.1, Math.sqrt(REQUESTS * 0.1 * 0.9)];
    const off = Math.abs(counted(split, isCanary) - mean) / deviation;
    const answered = counted(split, ({ status }) => status === 200);
    tally.compare('all are answered', { ours: REQUESTS, theirs: answered });
    tally.compare('a tenth', { ours: true, theirs: off < DEVIATIONS }, () => String(off));
    const others = await mesh.askOnce(times(100, { ...CALL, path: '/v1/models' }));
    tally.compare('of others none', { ours: 0, theirs: counted(others, isCanary) });
    tally.close();
  });
});
