/** Which of the pods behind a name do not let a caller in: all of them answer, so all have to. */
import type { Target } from '../engine/behind';
import { isOpen } from '../engine/outside';
import type { Fact, Verdict } from '../engine/verdict';
import type { World } from '../engine/world';
import type { Protocol } from '../values/port';

export interface Blocked {
  readonly places: readonly number[];
  /** Of the first pods; absent: only its name is known. */
  readonly port?: number;
  /** Whether some pods certainly deny it; else it hangs on these facts. */
  readonly isSure: boolean;
  readonly facts: readonly Fact[];
}

/** Undefined: all of them let the caller in. */
export function blocked(
  world: World,
  targets: readonly Target[],
  protocol: Protocol,
  verdictOf: (place: number) => Verdict,
): Blocked | undefined {
  const found = targets.flatMap((target): (Target & Pick<Blocked, 'isSure' | 'facts'>)[] => {
    const { place, port } = target;
    // pods of the host's network are reached like nodes
    if (world.classes[place]?.pods.hostNetwork === true) return [];
    if (port === undefined) {
      const isFree = isOpen(world, place, 'ingress');
      return isFree ? [] : [{ ...target, isSure: false, facts: ['named-port'] }];
    }
    const verdict = verdictOf(place);
    const word = world.word(verdict, protocol, port);
    const isSure = word === 'DENIED';
    return word === 'ALLOWED' ? [] : [{ ...target, isSure, facts: verdict.facts }];
  });
  const isSure = found.some((one) => one.isSure);
  const told = found.filter((one) => one.isSure === isSure);
  const [first] = told;
  if (first === undefined) return undefined;
  return {
    places: told.map(({ place }) => place),
    ...(first.port !== undefined && { port: first.port }),
    isSure,
    facts: isSure ? [] : [...new Set(told.flatMap(({ facts }) => facts))].sort(),
  };
}
