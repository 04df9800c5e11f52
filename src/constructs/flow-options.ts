/**
 * What may be said about a flow besides its two ends, and how that becomes data.
 */
import type { FlowData, FlowOrigin } from '../traffic/data';
import { callerLocation } from '../values/caller';
import type { Http } from '../values/http';
import { isIsoDate } from '../values/iso-date';
import type { IPeer } from '../values/peer';
import type { Port } from '../values/port';
import { normalizePorts, portData } from '../values/port';
import { refuse } from '../values/problem';

/** Ports, requests and reason of a flow. */
export interface FlowOptions {
  /**
   * Pod ports that may be used.
   *
   * @default - the callee's ports of purpose service; TCP 443 for host names
   */
  readonly ports?: Port[];

  /**
   * HTTP requests that may be sent. Needs a mesh.
   *
   * @default - every request
   */
  readonly http?: Http[];

  /**
   * Why the flow exists. Required where it leaves the cluster or names everybody.
   *
   * @default - none
   */
  readonly reason?: string;

  /**
   * Who answers for it.
   *
   * @default - nobody in particular
   */
  readonly owner?: string;

  /**
   * Where it was agreed on.
   *
   * @default - none
   */
  readonly ticket?: string;

  /**
   * Last day on which the flow is valid, an ISO date; synth fails from the day after.
   *
   * @default - it does not expire
   */
  readonly expires?: string;

  /**
   * Set to `l4` where L3/L4 must do for limits that only a mesh can hold, under a profile without
   * one. Recorded as a waiver; needs a reason.
   *
   * @default - limits that cannot be held are an error
   */
  readonly withoutMesh?: string;

  /**
   * Set to `internet` where the public internet on the flow's ports must do for host names, under a
   * profile that cannot enforce names. Recorded as a waiver; needs a reason.
   *
   * @default - names that cannot be enforced are an error
   */
  readonly withoutFqdn?: string;
}

/** The ends of a flow and who declares it. */
export interface FlowEnds {
  readonly from: IPeer;
  readonly to: IPeer;
  /** Construct path of the declaration. */
  readonly by: string;
  readonly origin?: FlowOrigin;
  /** Whether it narrows grants of peers that contain the caller. */
  readonly narrows?: boolean;
}

/** A flow as data; options that are wrong in themselves are refused here. */
export function flowOf(
  { from, to, by, origin, narrows }: FlowEnds,
  options: FlowOptions,
): FlowData {
  checkLists(options);
  for (const field of ['reason', 'owner', 'ticket'] as const) checkLine(field, options[field]);
  const { reason, owner, ticket, ports, http = [] } = options;
  return {
    from: from._peer(),
    to: to._peer(),
    fromName: from.peerName,
    toName: to.peerName,
    ports: ports === undefined ? undefined : normalizePorts(ports.map(portData)),
    http: sortedByJson(http.map(({ _data }) => _data)),
    origin: origin ?? 'declared',
    narrows: narrows ?? false,
    reasons: [
      { reason, owner, ticket, expires: checkedDate(options.expires), at: callerLocation(), by },
    ],
    withoutMesh: checkedWaiver('withoutMesh', options.withoutMesh, 'l4', reason),
    withoutFqdn: checkedWaiver('withoutFqdn', options.withoutFqdn, 'internet', reason),
  };
}

/** An empty list would read as "nothing" here and as "everything" in the policy. */
function checkLists(options: FlowOptions): void {
  for (const field of ['ports', 'http'] as const) {
    if (options[field]?.length !== 0) continue;
    refuse({
      code: 'empty-list',
      where: field,
      got: [],
      expected: `at least one of them, or no ${field} at all`,
      fix:
        field === 'ports'
          ? 'ports: [Port.all()] for every port'
          : `leave out http for every request`,
    });
  }
}

/** Reasons stand in annotations line by line; one with a line break could forge a flow. */
function checkLine(field: string, text: string | undefined): void {
  if (text === undefined || !/\p{Cc}/u.test(text)) return;
  refuse({
    code: 'one-line',
    where: field,
    got: text,
    expected: 'one line of text without control characters',
    fix: `${field}: ${JSON.stringify(text.replace(/\p{Cc}+/gu, ' ').trim())}`,
  });
}

export function checkedDate(expires: string | undefined): string | undefined {
  if (expires === undefined || isIsoDate(expires)) return expires;
  return refuse({
    code: 'date',
    where: 'expires',
    got: expires,
    expected: 'an ISO date',
    fix: `expires: '2027-06-30'`,
  });
}

/** Whether a waiver was asked for; only `only` asks, and only with a reason. */
export function checkedWaiver(
  field: 'withoutMesh' | 'withoutFqdn',
  got: string | undefined,
  only: string,
  reason: string | undefined,
): boolean {
  if (got === undefined) return false;
  if (got !== only) {
    refuse({
      code: 'waiver',
      where: field,
      got,
      expected: `'${only}'`,
      fix: `${field}: '${only}'`,
    });
  }
  if (reason === undefined || reason.trim() === '') {
    refuse({
      code: 'waiver-reason',
      where: field,
      got: reason,
      expected: 'a reason: a waiver weakens what was declared',
      fix: `reason: 'no mesh in this cluster yet'`,
    });
  }
  return true;
}

function sortedByJson<T>(items: readonly T[]): T[] {
  const distinct = new Map(items.map((item) => [JSON.stringify(item), item]));
  return [...distinct.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
