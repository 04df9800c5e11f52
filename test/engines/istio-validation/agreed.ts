/**
 * What the two may say differently, by name: what we refuse though Istio takes it, because nobody
 * can mean it, and what only Istio can know.
 */
import type { Judged } from './webhook';

export interface Agreed {
  readonly name: string;
  readonly holds: (ours: Judged, theirs: Judged) => boolean;
}

/** Refused here, accepted there: each of our errors has to be one of these, and the rest is equal. */
export const UNWISE: readonly Agreed[] = [
  {
    // istiod's check of it never sees one: protobuf decodes an empty list as none
    name: 'an empty list that reads as nobody and means anybody',
    holds: ours(
      /^spec\.rules\[\d+\]\.(from|to): expected at least one entry, or no list, got \[\]$/,
    ),
  },
];

/** What depends on types of Envoy that this library does not have. */
export const ELSEWHERE: readonly Agreed[] = [
  {
    name: "needs Envoy's type definitions",
    holds: (_, { message }) => /Envoy filter: (?!missing)|using deprecated type/.test(message),
  },
];

function ours(pattern: RegExp): Agreed['holds'] {
  return ({ message, errors = [] }, theirs) => {
    if (errors.length === 0 || !errors.every((line) => pattern.test(line))) return false;
    // without these, ours are warnings at most
    const warns = message.split('\n').length > errors.length;
    return theirs.verdict === (warns ? 'accepted with a warning' : 'accepted');
  };
}
