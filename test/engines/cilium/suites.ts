/** The upstream suites as cases for both engines. */
import { readFileSync } from 'node:fs';
import { Network } from '../../../src/engine/network';
import type { Protocol } from '../../../src/values/port';
import type { NetworkPolicy, World } from '../../naive/world';
import { sharedPath } from '../../shared';
import { clusterOfClusterWorld } from '../../support/cluster-policies-of-world';
import { clusterPolicySuite } from '../../support/cnp-suite';
import type { ClusterWorld } from '../../naive/cluster-network-policy';
import { CILIUM } from './profile';
import type { Titled } from './second-opinion';
import { stored } from './stored';

interface Table {
  readonly name: string;
  readonly step: number;
  readonly pods: Readonly<Record<string, { labels: Record<string, string>; ip: string }>>;
  readonly namespaces: World['namespaces'];
  readonly policies: readonly NetworkPolicy[];
  readonly port: number;
  readonly protocol: Protocol;
  readonly expect: Readonly<Record<string, boolean>>;
}

interface Cell {
  readonly src: string;
  readonly dst: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** SIG Network's e2e suite of NetworkPolicy. */
export function networkPolicySuite(): Titled[] {
  const text = readFileSync(sharedPath('oracles', 'k8s-e2e-netpol.json'), 'utf8');
  return (JSON.parse(text) as Table[]).map((table) => {
    const { name, step, namespaces, policies, protocol, port } = table;
    const pods = Object.entries(table.pods).map(([id, pod]) => {
      const [namespace = '', own = ''] = id.split('/');
      return { ...pod, namespace, name: own };
    });
    const cells = Object.keys(table.expect).map((pair): Cell => {
      const [src = '', dst = ''] = pair.split('->');
      return { src, dst, protocol, port };
    });
    return caseOf(`${name} #${String(step)}`, { namespaces, pods, policies }, cells);
  });
}

/** The conformance suite of ClusterNetworkPolicy. */
export function clusterNetworkPolicySuite(): Titled[] {
  const { worlds, cases } = clusterPolicySuite();
  return worlds.map((world, state) => {
    const own = cases.filter((one) => one.state === state);
    const title = [...new Set(own.map(({ test: name }) => name))].join(', ');
    const cells = own.map(({ protocol, ...cell }) => ({ ...cell, protocol: protocol as Protocol }));
    return caseOf(title, world, cells);
  });
}

function caseOf(title: string, world: ClusterWorld, cells: readonly Cell[]): Titled {
  const network = new Network({ ...clusterOfClusterWorld(world), profile: CILIUM });
  const { classes } = network.compilation.pods;
  const place = (id: string): number =>
    classes.findIndex(({ workload }) => `${workload.namespace}/${workload.name}` === id);
  return {
    title,
    network,
    policies: stored(world),
    questions: cells.map(({ src, dst, protocol, port }) => ({
      ...{ from: place(src), to: place(dst), protocol, port },
    })),
  };
}
