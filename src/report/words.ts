/**
 * How answers are put into words, the same in every format: ports, requests, places, counts. Names
 * come from manifests, and may hold anything: what a terminal would obey is shown as an escape.
 */
import type {
  AllowedPorts,
  DiffChange,
  HttpAnswer,
  HttpCondition,
  Place,
  PortSpan,
  ResultBase,
  UnknownPorts,
} from '../engine/result';

/** What is known of the connections from one end to the other. */
export type Known = DiffChange['was'];

/** Text without characters that move a cursor, end a line or turn the writing direction. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character === '\t') return '\\t';
    return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}

/** `TCP 8080`, `TCP 8000-8010`, `TCP every port`. */
export function portsText(protocol: string, ports: readonly PortSpan[]): string {
  const all = ports.some(([low, high]) => low <= 1 && high >= 65535);
  if (all) return `${protocol} every port`;
  const spans = ports.map(([low, high]) => (low === high ? String(low) : `${low}-${high}`));
  return `${protocol} ${spans.join(',')}`;
}

/** `POST /v1/predict`; `every request` where nothing is limited. */
export function httpText(http: HttpAnswer): string {
  const { notMethods = [], notHosts = [] } = http;
  const limits = [http.methods, notMethods, http.paths, http.notPaths, http.hosts, notHosts];
  const free = limits.every((list) => list.length === 0);
  return printable(
    [
      ...(free && http.when.length === 0 ? ['every request'] : []),
      ...(free && http.when.length > 0 ? ['requests'] : []),
      ...listText('', http.methods, free ? '' : 'any method'),
      ...listText('not ', notMethods),
      ...listText('', http.paths, free ? '' : 'any path'),
      ...listText('not ', http.notPaths),
      ...listText('on ', http.hosts),
      ...listText('not on ', notHosts),
      ...http.when.map(conditionText),
    ].join(' '),
  );
}

function listText(prefix: string, values: readonly string[], otherwise = ''): string[] {
  if (values.length > 0) return [`${prefix}${values.join(',')}`];
  return otherwise === '' ? [] : [otherwise];
}

function conditionText({ key, values = [], notValues = [] }: HttpCondition): string {
  const is = values.length > 0 ? `=${values.join('|')}` : '';
  const isNot = notValues.length > 0 ? ` not ${notValues.join('|')}` : '';
  return `when ${key}${is}${isNot}`;
}

/** `TCP 8080 POST /v1/predict`, one text for each kind of requests. */
export function allowedTexts(protocol: string, allow: readonly AllowedPorts[]): string[] {
  return allow.flatMap(({ ports, http }) => {
    const where = portsText(protocol, ports);
    return http === undefined ? [where] : http.map((each) => `${where} ${httpText(each)}`);
  });
}

/** `TCP 2049 unknown: pod-address`. */
export function unknownTexts(protocol: string, unknown: readonly UnknownPorts[]): string[] {
  return unknown.map(
    ({ ports, fact }) => `${portsText(protocol, ports)} unknown: ${printable(fact)}`,
  );
}

/** `TCP 8000, TCP 9000 unknown: pod-address`, or `none`. */
export function knownText(protocol: string, { allow, unknown }: Known): string {
  const texts = [...allowedTexts(protocol, allow), ...unknownTexts(protocol, unknown)];
  return texts.length === 0 ? 'none' : printable(texts.join(', '));
}

/** `dist/serving.k8s.yaml:12`. */
export function placeText({ file, line }: Place): string {
  return printable(`${file}:${line}`);
}

/** `1 policy`, `3 policies`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `45 workloads, 63 policies, 3 namespaces`: what was read. */
export function countsText({ counts }: ResultBase): string {
  return [
    countText(counts.workloads, 'workload'),
    countText(counts.policies, 'policy', 'policies'),
    countText(counts.namespaces, 'namespace'),
  ].join(', ');
}

/** `not analyzed: none`; else what, where and why, so that silence never looks like approval. */
export function notAnalyzedText({ notAnalyzed }: ResultBase): string {
  if (notAnalyzed.length === 0) return 'not analyzed: none';
  const objects = notAnalyzed.map(
    (each) => `${nameOf(each)} (${each.file}:${each.line}: ${each.why})`,
  );
  return printable(`not analyzed: ${objects.join(', ')}`);
}

function nameOf(object: ResultBase['notAnalyzed'][number]): string {
  const { kind, namespace, name } = object;
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
