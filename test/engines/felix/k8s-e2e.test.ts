/**
 * Does Calico enforce the cells of Kubernetes' own end-to-end tests as they expect it, and as we
 * predict it? And does the comparison fail where nothing is enforced?
 */

import { readFileSync } from 'node:fs';
import type { Pod, World } from '../../naive/world';
import { podOf } from '../../naive/world';
import { sharedPath } from '../../shared';
import { describeEngine, needsShared } from '../harness/needs';
import { Run } from '../harness/run';
import { Tally } from '../harness/tally';
import { FELIX_NEEDS } from './calico-felix';
import { compareCells } from './compare';
import type { Cell } from './felix-cluster';
import { FelixCluster } from './felix-cluster';
import type { Prediction } from './prediction';
import { predictionOf } from './prediction';

interface Table {
  readonly name: string;
  readonly step: number;
  readonly pods: Readonly<Record<string, Pick<Pod, 'labels' | 'ports'> & { readonly ip: string }>>;
  readonly namespaces: World['namespaces'];
  readonly policies: World['policies'];
  readonly port: number;
  readonly protocol: string;
  readonly expect: Readonly<Record<string, boolean>>;
}

describeEngine('calico-felix', [...FELIX_NEEDS, needsShared], () => {
  const file = sharedPath('oracles', 'k8s-e2e-netpol.json');
  const tables = JSON.parse(readFileSync(file, 'utf8')) as readonly Table[];
  const run = new Run();
  let cluster: FelixCluster;

  beforeAll(async () => {
    cluster = await FelixCluster.start(run);
  });
  afterAll(() => run.end());

  test('enforces what the end-to-end tests expect, and we predict', async () => {
    const [expected, predicted] = [
      new Tally('calico-felix', 'k8s e2e, as expected'),
      new Tally('calico-felix', 'k8s e2e, as predicted'),
    ];
    for (const table of tables) {
      const world = worldOf(table);
      const [title, cells] = [`${table.name} #${String(table.step)}`, cellsOf(table, world)];
      await cluster.show(world);
      await compareCells(cluster, { title, cells }, [
        { tally: expected, prediction: expectation(table) },
        { tally: predicted, prediction: predictionOf(world) },
      ]);
    }
    expected.close();
    predicted.close();
  });

  test('differs from the prediction when nobody enforces it', async () => {
    const control = new Tally('calico-felix', 'negative control');
    const [table] = tables.filter(({ expect: cells }) => Object.values(cells).includes(false));
    if (table === undefined) throw new Error('no table denies anything');
    const world = worldOf(table);
    const cells = cellsOf(table, world);
    await cluster.show(world);
    await cluster.stopEnforcing();
    await compareCells(cluster, { title: table.name, cells }, [
      { tally: control, prediction: predictionOf(world) },
    ]);
    expect(control.disagreements).toBe(Object.values(table.expect).filter((open) => !open).length);
  });
});

function worldOf({ pods, namespaces, policies }: Table): World {
  const named = Object.entries(pods).map(([id, { ip, ...pod }]) => {
    const [namespace = '', name = ''] = id.split('/');
    return { ...pod, namespace, name, ips: [ip] };
  });
  return { namespaces, policies, pods: named };
}

function cellsOf({ expect: pairs, protocol, port }: Table, world: World): Cell[] {
  return Object.keys(pairs).map((pair) => {
    const [from = '', to = ''] = pair.split('->');
    return { from: podOf(world, from), to: podOf(world, to), protocol, port };
  });
}

function expectation({ expect: pairs }: Table): Prediction {
  return {
    verdict: ({ from, to }) => {
      const pair = `${from.namespace}/${from.name}->${to.namespace}/${to.name}`;
      return pairs[pair] === true ? 'ALLOWED' : 'DENIED';
    },
    evidence: () => 'as the end-to-end tests have it',
  };
}
