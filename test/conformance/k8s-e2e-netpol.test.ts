/**
 * Does the naive evaluator agree with Kubernetes' own end-to-end tests of NetworkPolicy? All 506
 * cells of the 65 truth tables into which the 48 cases of SIG Network were turned; a case with
 * updates has one table a step.
 *
 * Source: kubernetes/kubernetes test/e2e/network/netpol/network_policy.go, as data in
 * ../shared/oracles/k8s-e2e-netpol.json. A pod to itself is not in it: implementations differ there.
 */

import { readFileSync } from 'node:fs';
import { allowed } from '../naive/network-policy';
import { podOf, type Pod, type Protocol, type World } from '../naive/world';
import { describeShared, sharedPath } from '../shared';

interface Table {
  readonly name: string;
  /** State after the n-th update of the case. */
  readonly step: number;
  /** By `namespace/name`. */
  readonly pods: Readonly<Record<string, Omit<Pod, 'namespace' | 'name'>>>;
  readonly namespaces: World['namespaces'];
  readonly policies: World['policies'];
  readonly port: number;
  readonly protocol: Protocol;
  /** By `namespace/name->namespace/name`. */
  readonly expect: Readonly<Record<string, boolean>>;
}

describeShared('NetworkPolicy as the Kubernetes e2e tests expect it', () => {
  const file = sharedPath('oracles', 'k8s-e2e-netpol.json');
  const tables = JSON.parse(readFileSync(file, 'utf8')) as Table[];

  test('has 65 tables with 506 cells, 397 allowed and 109 denied', () => {
    const cells = tables.flatMap((table) => Object.values(table.expect));
    expect({
      tables: tables.length,
      cells: cells.length,
      allowed: cells.filter((cell) => cell).length,
      denied: cells.filter((cell) => !cell).length,
    }).toEqual({ tables: 65, cells: 506, allowed: 397, denied: 109 });
  });

  for (const table of tables) {
    test(`${table.name}, step ${table.step}: ${table.protocol} ${table.port}`, () => {
      const world = worldOf(table);
      const got = Object.keys(table.expect).map((pair) => {
        const [from = '', to = ''] = pair.split('->');
        const { protocol, port } = table;
        return [pair, allowed(world, podOf(world, from), podOf(world, to), protocol, port)];
      });
      expect(Object.fromEntries(got)).toEqual(table.expect);
    });
  }
});

function worldOf({ pods, namespaces, policies }: Table): World {
  const named = Object.entries(pods).map(([id, pod]): Pod => {
    const [namespace = '', name = ''] = id.split('/');
    return { ...pod, namespace, name };
  });
  return { namespaces, policies, pods: named };
}
