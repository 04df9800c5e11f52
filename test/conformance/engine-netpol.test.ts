/**
 * Does the engine agree with the upstream tests of NetworkPolicy and ClusterNetworkPolicy? Every cell of
 * SIG Network's e2e suite (kubernetes/kubernetes:test/e2e/network/netpol) and every verdict of the
 * conformance suite (kubernetes-sigs/network-policy-api:conformance), as data in ../shared/oracles.
 */
import { readFileSync } from 'node:fs';
import { Network } from '../../src/engine/network';
import type { Protocol } from '../../src/values/port';
import type { NetworkPolicy, World } from '../naive/world';
import { describeShared, sharedPath } from '../shared';
import { clusterOfWorld, clusterWith } from '../support/cluster-of-world';
import { clusterOfClusterWorld } from '../support/cluster-policies-of-world';
import { clusterPolicySuite } from '../support/cnp-suite';

interface Table {
  readonly name: string;
  readonly step: number;
  readonly pods: Readonly<
    Record<string, { labels: Record<string, string>; ip: string; ports: [] }>
  >;
  readonly namespaces: World['namespaces'];
  readonly policies: readonly NetworkPolicy[];
  readonly port: number;
  readonly protocol: string;
  readonly expect: Readonly<Record<string, boolean>>;
}

describeShared('the upstream suites', () => {
  test('506 of 506 cells of the NetworkPolicy e2e suite', () => {
    const tables = read<Table[]>('k8s-e2e-netpol.json');
    let cells = 0;
    const wrong: string[] = [];
    for (const table of tables) {
      const pods = Object.entries(table.pods).map(([id, pod]) => {
        const [namespace = '', name = ''] = id.split('/');
        return { ...pod, namespace, name };
      });
      const ask = asking(clusterOfWorld({ ...table, pods }));
      for (const [pair, expected] of Object.entries(table.expect)) {
        const [src = '', dst = ''] = pair.split('->');
        cells += 1;
        if (ask(src, dst, table.protocol, table.port) !== expected) {
          wrong.push(`${table.name} #${String(table.step)} ${pair}`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(cells).toBe(506);
  });

  test('301 of 301 verdicts of the ClusterNetworkPolicy conformance suite', () => {
    const { worlds, cases } = clusterPolicySuite();
    const asked = worlds.map((world) => asking(clusterOfClusterWorld(world)));
    const wrong = cases.filter(
      ({ src, dst, protocol, port, expected, state }) =>
        asked[state]?.(src, dst, protocol, port) !== expected,
    );
    expect(wrong.map(({ test: name, subtest }) => `${name} / ${subtest}`)).toEqual([]);
    expect(cases).toHaveLength(301);
  });
});

function read<T>(file: string): T {
  return JSON.parse(readFileSync(sharedPath('oracles', file), 'utf8')) as T;
}

type Ask = (src: string, dst: string, protocol: string, port: number) => boolean;

/** Whether a connection is certainly allowed; UNKNOWN is not. */
function asking(cluster: Parameters<typeof clusterWith>[0]): Ask {
  const network = new Network(clusterWith(cluster));
  const { pods, pool } = network.compilation;
  const place = (id: string): number =>
    pods.classes.findIndex(({ workload }) => `${workload.namespace}/${workload.name}` === id);
  return (src, dst, protocol, port) => {
    const { sure } = network.between({ place: place(src) }, { place: place(dst) });
    return pool.has(sure, protocol as Protocol, port);
  };
}
