/** Mutants that the proof does not notice though they allow something else: which, and why. */
import type { Survivor } from './mutation';

interface Explained {
  readonly why: string;
  readonly is: (survivor: Survivor) => boolean;
}

export const EXPLAINED: readonly Explained[] = [
  {
    why: 'a waypoint is a way to others: what passes it is asked of the pods behind it',
    is: ({ text }) => /^NetworkPolicy \S*\/waypoint-/.test(text),
  },
  {
    why: 'pods that no proxy joins need none of what proxies need',
    is: ({ text }) => /^NetworkPolicy \S*\/allow-mesh/.test(text),
  },
  {
    why: 'labels of an existing namespace are not known: it may select itself',
    is: ({ kind, text }) =>
      kind === 'NetworkPolicy: delete a peer' && text.includes('financial-ml/all-pods-ingress'),
  },
];
