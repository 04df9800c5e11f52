/**
 * Mutants that the proof does not notice though some answer is another one: why, told by what changed.
 * Each cause holds for every single answer that changed, or it does not explain the mutant.
 */
import type { Change } from './same-world';

interface Cause {
  readonly why: string;
  readonly explains: (change: Change) => boolean;
}

const CAUSES: readonly Cause[] = [
  {
    why: 'a waypoint is a way to others: what passes it is asked of the pods behind it',
    explains: ({ waypoint }) => waypoint,
  },
  {
    why: 'nothing certain has changed: only what hangs on facts that no manifest shows',
    explains: ({ certain }) => !certain,
  },
  {
    why: 'as much is possible as before: what is certain of it hangs on such a fact, now or before',
    explains: ({ possible }) => !possible,
  },
  {
    why: 'probes of an ambient mesh: the network lets them in everywhere, and they go around ztunnel',
    explains: ({ probes }) => probes,
  },
  {
    why: 'the port of the nodes alone: who comes there is asked for an identity by ztunnel',
    explains: ({ beyondHbone, ztunnel }) => ztunnel && !beyondHbone,
  },
];

/** The causes of all that changed; undefined: something has none. */
export function causesOf(changes: readonly Change[]): readonly string[] | undefined {
  const causes = changes.map((one) => CAUSES.find(({ explains }) => explains(one))?.why);
  const known = causes.flatMap((cause) => cause ?? []);
  return known.length < causes.length ? undefined : [...new Set(known)].sort();
}
