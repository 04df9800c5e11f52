/**
 * Cilium's policy engine, asked about clusters as our engine sees them: a program of go/cilium, one
 * cluster a line in, its verdicts a line out.
 */
import type { Network } from '../../../src/engine/network';
import type { Cluster } from '../../../src/read/cluster';
import type { Protocol } from '../../../src/values/port';
import type { Program } from '../harness/build';
import { built } from '../harness/build';
import { output } from '../harness/output';

const JUDGE: Program = { module: 'cilium', package: './cmd/judge', binary: 'cilium-judge' };

/** Place of a class of pods, or an address that no pod has. */
export type Asked = number | string;

export interface Question {
  readonly from: Asked;
  readonly to: Asked;
  readonly protocol: Protocol;
  readonly port: number;
}

/** A cluster, its policies as the API server stores them, and what is asked. */
export interface Case {
  readonly network: Network;
  readonly policies: readonly object[];
  readonly questions: readonly Question[];
}

/** An answer per question, or why Cilium takes no such policies. */
export type Answers = { readonly refused: string } | { readonly verdicts: readonly boolean[] };

interface Line {
  readonly error?: string;
  readonly verdicts?: readonly { readonly egress: boolean; readonly ingress: boolean }[];
}

export async function judged(cases: readonly Case[]): Promise<readonly Answers[]> {
  const input = cases.map((one) => `${JSON.stringify(lineOf(one))}\n`).join('');
  const lines = (await output(await built(JUDGE), [], { input })).trim().split('\n');
  if (lines.length !== cases.length) throw new Error('not a line of answers per cluster');
  return lines.map((text) => {
    const { error, verdicts = [] } = JSON.parse(text) as Line;
    if (error !== undefined) return { refused: error };
    return { verdicts: verdicts.map(({ egress, ingress }) => egress && ingress) };
  });
}

function lineOf({ network, policies, questions }: Case): object {
  const { cluster, pods } = network.compilation;
  return {
    namespaces: namespacesOf(cluster),
    pods: Object.fromEntries(
      pods.classes.map(({ index, workload, pods: own }) => [
        keyOf(index),
        {
          namespace: workload.namespace,
          labels: own.labels,
          hostNetwork: own.hostNetwork,
          nodeAddresses: own.nodeAddresses,
          ports: own.ports,
        },
      ]),
    ),
    nodes: cluster.nodes.map(({ labels, addresses }) => ({ labels, addresses })),
    policies,
    questions: questions.map(({ from, to, ...rest }) => ({
      ...rest,
      from: keyOf(from),
      to: keyOf(to),
    })),
  };
}

/** Of namespaces that no text shows, only the label that each of them has. */
function namespacesOf({ namespaces, workloads }: Cluster): Record<string, unknown> {
  const named = workloads.map(({ namespace }) => [
    namespace,
    { 'kubernetes.io/metadata.name': namespace },
  ]);
  return Object.fromEntries([...named, ...namespaces.map(({ name, labels }) => [name, labels])]);
}

function keyOf(end: Asked): string {
  return typeof end === 'number' ? `pods ${String(end)}` : end;
}
