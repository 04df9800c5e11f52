/**
 * What the constructs about a workload's requests have in common: whose requests, who says so, what
 * happens where no proxy sees them, and numbers that must be whole.
 */
import type { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import type { AboutRequests } from '../traffic/request-data';
import { callerLocation } from '../values/caller';
import type { Port, PortData } from '../values/port';
import { normalizePorts, portData } from '../values/port';
import { refuse } from '../values/problem';
import { checkedWaiver } from './flow-options';
import { checkWritable } from './ownership';
import { treeOf } from './tree';
import type { Workload } from './workload';

/** The workload, and what to do without a mesh. */
export interface RequestProps {
  /** The workload whose requests are meant. */
  readonly workload: Workload;

  /**
   * Set to `l4` where L3/L4 must do because no proxy sees the requests: under a profile without a
   * mesh, or for pods outside it. Recorded as a waiver; needs a reason.
   *
   * @default - what cannot be held is an error
   */
  readonly withoutMesh?: string;

  /**
   * Why it exists. Required beside `withoutMesh`.
   *
   * @default - none
   */
  readonly reason?: string;
}

/** The common part of a declaration; writes into others' namespaces are refused here. */
export function aboutRequests(construct: Construct, props: RequestProps): AboutRequests {
  const { path } = construct.node;
  const { workload, reason, withoutMesh } = props;
  checkWritable(path, treeOf(construct), workload.namespaceName);
  return {
    namespace: workload.namespaceName,
    workload: workload.workloadName,
    withoutMesh: checkedWaiver('withoutMesh', withoutMesh, 'l4', reason),
    reason,
    at: callerLocation(),
    by: path,
  };
}

/** Ports as sorted data; no list at all means the default, an empty one is refused. */
export function checkedPortList(
  construct: Construct,
  ports: readonly Port[] | undefined,
): readonly PortData[] | undefined {
  if (ports?.length === 0) {
    refuse({
      code: 'empty-list',
      where: `${construct.node.path}: ports`,
      got: [],
      expected: 'at least one port, or no ports at all',
      fix: 'leave out ports for every HTTP port of purpose service',
    });
  }
  return ports === undefined ? undefined : normalizePorts(ports.map(portData));
}

/** An integer from `min` to `max`. */
export function checkedInteger(
  where: string,
  got: number,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  if (Number.isInteger(got) && got >= min && got <= max) return got;
  return refuse({
    code: 'integer',
    where,
    got,
    expected: `an integer from ${min} to ${max}`,
    fix: String(Math.min(Math.max(Math.round(got) || min, min), max)),
  });
}

/** Milliseconds, the unit that Envoy counts in. */
export function checkedMilliseconds(where: string, duration: Duration): number {
  const milliseconds = duration.toMilliseconds({ integral: false });
  if (Number.isInteger(milliseconds) && milliseconds >= 1) return milliseconds;
  return refuse({
    code: 'duration',
    where,
    got: duration.toHumanString(),
    expected: 'a duration of whole milliseconds, at least one',
    fix: 'Duration.seconds(5)',
  });
}
