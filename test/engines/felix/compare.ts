/** Cell by cell: what we predict, and what a connection that exchanges data observes. */

import type { Tally } from '../harness/tally';
import type { Cell, FelixCluster } from './felix-cluster';
import { familiesOf, idOf } from './pod-network';
import type { Prediction } from './prediction';

/** Who says beforehand what will be observed, and where it is counted whether it was. */
export interface Judge {
  readonly tally: Tally;
  readonly prediction: Prediction;
}

/** Cells of the world that the cluster was shown last; `title` is said before each that differs. */
export async function compareCells(
  cluster: FelixCluster,
  { title, cells }: { readonly title: string; readonly cells: readonly Cell[] },
  judges: readonly Judge[],
): Promise<void> {
  const asked = cells.filter((cell) => whyNot(cell) === undefined);
  const observed = await cluster.observe(asked);
  for (const { tally, prediction } of judges) {
    for (const why of cells.flatMap((cell) => whyNot(cell) ?? [])) tally.skip(why);
    asked.forEach((cell, index) => {
      const theirs = observed[index] === true ? 'ALLOWED' : 'DENIED';
      const verdicts = { ours: prediction.verdict(cell), theirs };
      tally.compare(`${title}: ${nameOf(cell)}`, verdicts, () => prediction.evidence(cell));
    });
  }
}

/** Why a cell cannot be observed, or shows nothing. */
function whyNot({ from, to, protocol }: Cell): string | undefined {
  if (protocol === 'SCTP') return 'SCTP, which not every kernel has';
  if (idOf(from) === idOf(to)) return 'a pod to itself, which Calico always allows';
  if (familiesOf(from, to).length === 0) return 'pods without addresses of one family';
  return undefined;
}

function nameOf({ from, to, protocol, port }: Cell): string {
  return `${idOf(from)} -> ${idOf(to)} ${protocol} ${String(port)}`;
}
