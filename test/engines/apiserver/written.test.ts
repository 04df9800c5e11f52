/**
 * Does a real API server take everything that the library writes, as text, with no field that it
 * does not know and no warning?
 */

import { describeEngine, needsGo, needsShared } from '../harness/needs';
import { Run } from '../harness/run';
import { Tally } from '../harness/tally';
import type { Written } from '../written/corpus';
import { forgottenExamples } from '../written/examples';
import {
  writtenByExamples,
  writtenByMeshStories,
  writtenByStories,
  writtenByVerifications,
} from '../written/corpus';
import type { ApiClient } from './api-client';
import { startApiServer } from './api-server';
import { customResourceDefinitions } from './crds';

const freshSeed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fff_ffff);

/** Every kind that a renderer or a construct writes. */
const KINDS = [
  ...['AuthorizationPolicy', 'DestinationRule', 'EnvoyFilter', 'Gateway', 'Namespace'],
  ...['NetworkPolicy', 'PeerAuthentication', 'RequestAuthentication', 'Service', 'ServiceEntry'],
  ...['Sidecar', 'VirtualService'],
];

describeEngine('kube-apiserver', [needsGo, needsShared], () => {
  const run = new Run();
  const kinds = new Set<string>();
  let client: ApiClient;

  beforeAll(async () => {
    ({ client } = await startApiServer(run));
    await client.applyCustomResourceDefinitions(customResourceDefinitions());
  });
  afterAll(() => run.end());

  async function expectTaken(part: string, all: readonly Written[]): Promise<void> {
    const tally = new Tally('kube-apiserver', part);
    await Promise.all(
      all.map(async ({ source, object, text }) => {
        const { accepted, message, warnings } = await client.dryRunApply(object, text);
        kinds.add(String(object['kind']));
        const theirs = accepted && warnings === '' ? 'accepted' : `${message}${warnings}`;
        const cell = `${source}: ${String(object['kind'])}`;
        tally.compare(cell, { ours: 'accepted', theirs }, () => text);
      }),
    );
    tally.close();
  }

  test('takes what the examples write', async () => {
    expect(forgottenExamples()).toEqual([]);
    await expectTaken('examples', writtenByExamples());
  });

  test('takes what random platforms write', async () => {
    await expectTaken(`stories of seed ${freshSeed}`, writtenByStories(100, freshSeed));
  });

  test('takes what random platforms in a mesh write', async () => {
    await expectTaken(`mesh stories of seed ${freshSeed}`, writtenByMeshStories(200, freshSeed));
  });

  test('takes the probes of a verification', async () => {
    await expectTaken('probes of ml-netpol verify', writtenByVerifications());
  });

  test('has seen every kind that the library writes', () => {
    expect(KINDS.filter((kind) => !kinds.has(kind))).toEqual([]);
  });
});
