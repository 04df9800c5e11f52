/** What a rule of the Gateway API takes: matches of paths, methods, headers and parameters. */
import { field, isObject, objectAt, objectsAt, textAt } from '../../read/json';
import type { JsonObject } from '../../read/resource';
import type { RequestCondition } from '../http/conditions';
import type { Match } from './requests';
import { headerIs, queryIs, segmentPrefix } from './requests';

/** Any of them; none: every request. */
export function matchesOf(kind: string, rule: JsonObject): Match[] {
  return objectsAt(rule, 'matches').map(kind === 'GRPCRoute' ? ofCall : ofRequest);
}

function ofRequest(match: JsonObject): Match {
  const path = objectAt(match, 'path');
  const method = textAt(match, 'method');
  const value = textAt(path, 'value') ?? '/';
  const type = textAt(path, 'type') ?? 'PathPrefix';
  return {
    ...(method !== undefined && { methods: [method] }),
    ...(type === 'Exact' && { paths: [value] }),
    ...(type === 'PathPrefix' && { paths: segmentPrefix(value) }),
    conditions: conditionsOf(match),
    narrower: !['Exact', 'PathPrefix'].includes(type) || hasPatterns(match),
  };
}

/** A call is a POST of `/service/method`. */
function ofCall(match: JsonObject): Match {
  const call = objectAt(match, 'method');
  const [service, method] = [textAt(call, 'service'), textAt(call, 'method')];
  const exact = textAt(call, 'type') !== 'RegularExpression';
  const paths =
    service === undefined
      ? method === undefined
        ? []
        : [`*/${method}`]
      : [method === undefined ? `/${service}/*` : `/${service}/${method}`];
  return {
    methods: ['POST'],
    paths: isObject(field(match, 'method')) && exact ? paths : [],
    conditions: conditionsOf(match),
    narrower: !exact || hasPatterns(match),
  };
}

function conditionsOf(match: JsonObject): RequestCondition[] {
  const value = (one: JsonObject): string => (isPattern(one) ? '*' : (textAt(one, 'value') ?? '*'));
  return [
    ...objectsAt(match, 'headers').map((one) => headerIs(textAt(one, 'name') ?? '', value(one))),
    ...objectsAt(match, 'queryParams').map((one) => queryIs(textAt(one, 'name') ?? '', value(one))),
  ];
}

function hasPatterns(match: JsonObject): boolean {
  return [...objectsAt(match, 'headers'), ...objectsAt(match, 'queryParams')].some(isPattern);
}

function isPattern(one: JsonObject): boolean {
  return textAt(one, 'type') === 'RegularExpression';
}
