/**
 * Tables for a comment on a pull request: the verdict first, then one row for each statement, then the
 * counts. Names come from manifests: what Markdown or HTML would obey is escaped.
 */
import type { Evidence, Place, RouteAnswer } from '../engine/result';
import { objectionsOf } from './objections';
import type { Judged, Report, Reported } from './report';
import { wayText } from './text-of/routes';
import {
  allowedTexts,
  countsText,
  countText,
  httpText,
  notAnalyzedText,
  placeText,
  printable,
  unknownTexts,
} from './words';

type Row = readonly string[];

export const markdown: Report = {
  mediaType: 'text/markdown',
  *render(result, { all }) {
    yield `### ${escaped(titleOf(result))}\n\n`;
    const [head, rows] = tableOf(result, all);
    let count = 0;
    for (const row of rows) {
      if (count === 0) yield `${lineOf(head)}${lineOf(head.map(() => '---'))}`;
      count += 1;
      yield lineOf(row.map(escaped));
    }
    if (count > 0) yield '\n';
    for (const { file, line, code, got, expected } of result.problems) {
      yield `- ${escaped(`could not read ${file}:${line}: ${code}: got ${got}, expected ${expected}`)}\n`;
    }
    if (result.problems.length > 0) yield '\n';
    yield `${escaped(`${countsText(result)}. ${notAnalyzedText(result)}`)}\n`;
  },
};

function titleOf(result: Reported): string {
  switch (result.query) {
    case 'reach':
      return 'Who can reach whom';
    case 'explain': {
      const { verdict, from, to, protocol, port, http } = result;
      const request = http === undefined ? '' : ` ${httpText(http)}`;
      return `${verdict}: ${from} -> ${to} ${protocol} ${port}${request}`;
    }
    case 'exposure':
      return `${countText(result.exposed.length, 'workload')} exposed to strangers`;
    case 'lint': {
      const open = result.findings.filter(({ acknowledged }) => acknowledged === undefined);
      const acknowledged = result.findings.length - open.length;
      return `${countText(open.length, 'problem')}, ${acknowledged} acknowledged`;
    }
    case 'diff':
      return result.changes.length === 0
        ? 'Reach is unchanged'
        : `Reach: ${countText(result.changes.length, 'change')}`;
    case 'test': {
      const failed = result.assertions.filter(({ verdict }) => verdict !== 'passed').length;
      return `${failed} of ${countText(result.assertions.length, 'assertion')} not met`;
    }
  }
}

function tableOf(result: Reported, all: boolean): readonly [head: Row, rows: Iterable<Row>] {
  switch (result.query) {
    case 'reach':
      return [['from', 'to', 'allowed', 'unknown'], reachRows(result.connections)];
    case 'explain':
      return [
        ['layer', 'verdict', 'says', 'by'],
        [
          ...result.layers.map(({ layer, verdict, says, by }) => {
            return [layer, verdict, says, placesText(by)];
          }),
          ...(result.routes ?? []).map((route) => {
            const { verdict, entry } = route;
            return ['from outside', verdict, wayText(route), withPlace(entry.object, entry)];
          }),
        ],
      ];
    case 'exposure':
      return [
        ['from', 'to', 'allowed', 'unknown'],
        result.exposed
          .flatMap(({ workload, from, to }) => [
            ...reachRows(from.map((each) => ({ ...each, from: each.stranger, to: workload }))),
            ...reachRows(to.map((each) => ({ ...each, from: workload, to: each.stranger }))),
          ])
          .concat(result.routes.map(routeRow)),
      ];
    case 'lint':
    case 'diff':
    case 'test':
      return [['', 'what', 'where', 'got', 'expected', 'fix'], judgedRows(result, all)];
  }
}

type Connections = Extract<Reported, { readonly query: 'reach' }>['connections'];

function* reachRows(connections: Connections): Generator<Row> {
  for (const { from, to, protocol, allow, unknown } of connections) {
    const [allowed, unsure] = [allowedTexts(protocol, allow), unknownTexts(protocol, unknown)];
    yield [from, to, allowed.join(', '), unsure.join(', ')];
  }
}

/** A declared way from outside; what stops it stands where it would be allowed. */
function routeRow(route: RouteAnswer): Row {
  const { entry, to, verdict, steps } = route;
  const pods = to.map(({ workload }) => workload).join(', ');
  const stops = steps.filter((one) => one.verdict !== 'ALLOWED').map(({ says }) => says);
  const way = `${wayText(route)} (${withPlace(entry.object, entry)})`;
  const allowed = verdict === 'ALLOWED' ? way : '';
  const unsure = verdict === 'UNKNOWN' ? `${way}: ${stops.join(', ')}` : '';
  const closed = verdict === 'DENIED' ? `closed: ${way}: ${stops.join(', ')}` : '';
  return ['outside', pods === '' ? 'nobody' : pods, allowed === '' ? closed : allowed, unsure];
}

function judgedRows(result: Judged, all: boolean): Row[] {
  return objectionsOf(result)
    .filter(({ severity, acknowledged }) => {
      return all || (severity !== 'passed' && acknowledged === undefined);
    })
    .map((each) => {
      const { severity, code, name, subject, message, at, got, expected, fix = '' } = each;
      const word = each.acknowledged === undefined ? severity : 'acknowledged';
      const rule = code === name ? '' : ` (${code} ${name})`;
      const place = at === undefined ? subject : withPlace(subject, at);
      return [word, `${message}${rule}`, place, got, expected, fix];
    });
}

function placesText(by: readonly Evidence[]): string {
  return by.map((each) => withPlace(each.object, each)).join(', ');
}

function withPlace(object: string, place: Place): string {
  return `${object} (${placeText(place)})`;
}

function lineOf(cells: Row): string {
  return `| ${cells.join(' | ')} |\n`;
}

/** A dot after the at sign's place keeps nobody from being mentioned: a comment tag does. */
function escaped(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]{}|#~]/g, '\\$&')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@(?=\w)/g, '@<!-- -->');
}
