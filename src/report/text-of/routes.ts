/** Declared ways from outside: whether each is open, through whom, to which pods, and where it stops. */
import type { RouteAnswer, RouteStep } from '../../engine/result';
import type { Cell } from '../columns';
import { table } from '../columns';
import { shortNames } from '../names';
import { httpText, placeText, portsText, printable } from '../words';
import type { TextOptions } from './options';
import { evidenceText, TONES } from './options';

/** One line a way, and its steps: all of them, or those that stop it. */
export function routesText(
  routes: readonly RouteAnswer[],
  { paint }: TextOptions,
  steps: 'all' | 'those that stop it',
): string {
  return routes
    .map((route) => {
      const told = route.steps.filter(({ verdict }) => steps === 'all' || verdict !== 'ALLOWED');
      return `${table([wayRow(route)], 2, paint)}${table(told.flatMap(stepRows), 6, paint)}`;
    })
    .join('');
}

function wayRow(route: RouteAnswer): Cell[] {
  const { verdict, entry } = route;
  return [wordOf(verdict), `${printable(entry.object)}  ${placeText(entry)}  ${wayText(route)}`];
}

function wordOf(verdict: RouteAnswer['verdict']): Cell {
  const tone = TONES[verdict];
  return tone === undefined ? verdict : [verdict, tone];
}

/** `TCP 443 on ui.example.com -> ingress-nginx/controller -> ml/ui:80 -> ml/ui 5000` */
export function wayText({ protocol, port, http = [], through, service, to }: RouteAnswer): string {
  const shorten = shortNames([...through, ...to.map(({ workload }) => workload)]);
  const pods = to.map((one) => {
    const own = one.port === undefined ? '' : ` ${one.port}`;
    return `${shorten(one.workload)}${own}`;
  });
  const requests = http.map(httpText).join('; ');
  const taken = port === undefined ? protocol : portsText(protocol, [[port, port]]);
  return [
    requests === '' ? taken : `${taken} ${requests}`,
    ...(through.length === 0 ? [] : [through.map(shorten).join(', ')]),
    ...(service === undefined ? [] : [printable(service)]),
    pods.length === 0 ? 'nobody' : pods.join(', '),
  ].join(' -> ');
}

function stepRows({ from, to, verdict, says, by, facts }: RouteStep): Cell[][] {
  const shorten = shortNames([from, to]);
  const [first, ...others] = by;
  return [
    [
      wordOf(verdict),
      `${shorten(from)} -> ${shorten(to)}: ${printable(says)}`,
      ...(first === undefined ? [] : [evidenceText(first), placeText(first)]),
    ],
    ...others.map((each): Cell[] => ['', '', evidenceText(each), placeText(each)]),
    ...facts.map((fact): Cell[] => ['', `depends on: ${printable(fact)}`]),
  ];
}
