/** `toBeIsolated`: policies hold every way in, or out, of all workloads that a name means. */
import type { Direction } from '../engine/compilation';
import { refuse } from '../values/problem';
import { workloadsOf } from './ends';
import { classOf, sideText } from './gates-text';
import type { PolicyCluster } from './policy-cluster';
import type { MatcherResult } from './reach';

export function isolates(
  { world, workloads }: PolicyCluster,
  name: string,
  direction: Direction | undefined,
  isNot: boolean,
): MatcherResult {
  if (direction !== undefined && !BOTH.includes(direction)) refuseDirection(direction);
  const directions = direction === undefined ? BOTH : [direction];
  const meant = workloadsOf(workloads, 'toBeIsolated', name);
  const against = meant.flatMap(({ id, isolated }) =>
    directions.filter((one) => isolated.includes(one) === isNot).map((one) => ({ id, one })),
  );
  return {
    pass: isNot ? against.length > 0 : against.length === 0,
    message: () => {
      const how = `${isNot ? 'not to be' : 'to be'} isolated for ${directions.join(' and ')}`;
      const lines = against.flatMap(({ id, one }) => {
        const own = classOf(world, id);
        return own === undefined ? [] : [`  ${sideText(world, own, one)}`];
      });
      return [`expected ${name} ${how}`, '', ...lines].join('\n');
    },
  };
}

const BOTH: readonly Direction[] = ['ingress', 'egress'];

function refuseDirection(got: string): never {
  return refuse({
    code: 'direction',
    where: 'toBeIsolated: direction',
    got,
    expected: "'ingress', 'egress', or nothing for both",
    fix: "toBeIsolated('ml-training/*', 'ingress')",
  });
}
