/**
 * Mutants that the proof does not notice though some answer is another one: why, told by what changed.
 * Each cause holds for every single answer that changed, or it does not explain the mutant.
 */
import type { Change } from './same-world';

/** A mutant that was not noticed, by its kind and what it changed. */
export interface Unnoticed {
  readonly kind: string;
  readonly changes: readonly Change[];
}

interface Cause {
  readonly why: string;
  readonly explains: (change: Change, kind: string) => boolean;
}

const CAUSES: readonly Cause[] = [
  {
    why: 'a waypoint is a way to others: what passes it is asked of the pods behind it',
    explains: ({ waypoint }) => waypoint,
  },
  {
    why: 'only what nobody knows has changed: membership, an account, a protocol, labels of others',
    explains: ({ uncertain }) => uncertain,
  },
  {
    why: 'the port of the nodes alone: who comes there is asked for an identity by ztunnel',
    explains: ({ beyondHbone }) => !beyondHbone,
  },
  {
    why: 'tokens of pods that nobody isolates: the proof compares isolated directions only',
    explains: ({ isolated }, kind) => !isolated && !kind.startsWith('NetworkPolicy'),
  },
  {
    why: 'of addresses the proof asks for ports: what proxies see of their requests is left out',
    explains: ({ address }) => address,
  },
];

/** The causes of all that changed; undefined: something has none. */
export function causesOf({ kind, changes }: Unnoticed): readonly string[] | undefined {
  const causes = changes.map((one) => CAUSES.find(({ explains }) => explains(one, kind))?.why);
  const known = causes.flatMap((cause) => cause ?? []);
  return known.length < causes.length ? undefined : [...new Set(known)].sort();
}
