/** The matrix of every example, as its readers get it, in a cluster with Cilium. */
import { Network } from '../../../src/engine/network';
import { clusterOf } from '../../../src/read/cluster-of';
import type { Cluster } from '../../../src/read/cluster';
import { UNKNOWN_CLUSTER } from '../../../src/read/profile';
import { readPaths } from '../../../src/read/files';
import { Protocol } from '../../../src/values/port';
import { eachExample } from '../written/corpus';
import { CILIUM } from './profile';
import type { Titled } from './second-opinion';
import { matrix } from './second-opinion';

/** A port that nobody declares. */
const UNDECLARED = { protocol: Protocol.TCP, port: 4_321 };

export function exampleCases(): Titled[] {
  return eachExample((title, folder) => {
    const read = readPaths([folder]);
    const { profile = UNKNOWN_CLUSTER } = read.models.find((model) => model.profile) ?? {};
    const network = new Network(clusterOf(read, { ...profile, cni: CILIUM.cni }));
    const { cluster } = network.compilation;
    return {
      title,
      network,
      policies: cluster.networkPolicies.map(({ resource }) => resource.object),
      questions: matrix(network, portsOf(cluster)),
    };
  });
}

/** Every port that a pod has or a rule names, once. */
function portsOf({ workloads, networkPolicies }: Cluster): { protocol: Protocol; port: number }[] {
  const own = workloads.flatMap(({ pods }) => pods.flatMap(({ ports }) => ports));
  const named = networkPolicies
    .flatMap(({ ingress = [], egress = [] }) => [...ingress, ...egress])
    .flatMap(({ ports = [] }) =>
      ports.flatMap(({ protocol, range = [] }) => range.map((port) => ({ protocol, port }))),
    );
  const all = [...own, ...named, UNDECLARED].map(({ protocol, port }) => ({ protocol, port }));
  return [...new Map(all.map((one) => [`${one.protocol} ${String(one.port)}`, one])).values()];
}
