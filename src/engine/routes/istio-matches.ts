/**
 * What an HTTP rule of a VirtualService takes, at a gateway.
 *
 * Source: istio/api:networking/v1alpha3/virtual_service.proto (HTTPMatchRequest)
 */
import { field, isObject, numberAt, objectAt, objectsAt, textAt, textsAt } from '../../read/json';
import type { JsonObject } from '../../read/resource';
import type { RequestCondition } from '../http/conditions';
import type { Match } from './requests';
import { headerIs, queryIs } from './requests';

/** Where a rule is asked: at a gateway by its name, on a port. */
export interface AtGateway {
  readonly gateway: string;
  /** Absent: not known. */
  readonly port?: number;
}

/** Any of them; none: every request. Undefined: the rule is not for this gateway. */
export function httpMatches(rule: JsonObject, at: AtGateway): Match[] | undefined {
  const listed = objectsAt(rule, 'match');
  const own = listed.filter((match) => isMeant(match, at));
  if (listed.length > 0 && own.length === 0) return undefined;
  return own.map(httpMatch);
}

/** Whether a rule over bytes is for this gateway. */
export function takesConnection(rule: JsonObject, at: AtGateway): boolean {
  const listed = objectsAt(rule, 'match');
  return listed.length === 0 || listed.some((match) => isMeant(match, at));
}

/** Labels and namespaces of callers are the mesh's: a gateway's clients have none. */
function isMeant(match: JsonObject, { gateway, port }: AtGateway): boolean {
  const gateways = textsAt(match, 'gateways');
  if (gateways.length > 0 && !gateways.includes(gateway)) return false;
  const asked = numberAt(match, 'port');
  return asked === undefined || port === undefined || asked === port;
}

function httpMatch(match: JsonObject): Match {
  const uri = objectAt(match, 'uri');
  const method = objectAt(match, 'method');
  const [exact, prefix] = [textAt(uri, 'exact'), textAt(uri, 'prefix')];
  const methods = textAt(method, 'exact');
  const path = exact ?? (prefix === undefined ? undefined : `${prefix}*`);
  const others = ['authority', 'scheme', 'withoutHeaders', 'sourceLabels', 'sourceNamespace'];
  const isPattern =
    textAt(uri, 'regex') !== undefined ||
    (isObject(field(match, 'method')) && methods === undefined) ||
    field(match, 'ignoreUriCase') === true ||
    others.some((key) => field(match, key) !== undefined);
  const folds = field(match, 'ignoreUriCase') === true;
  return {
    ...(path !== undefined && !folds && { paths: [path] }),
    ...(methods !== undefined && { methods: [methods] }),
    conditions: conditionsOf(match),
    narrower: isPattern || hasPatterns(match),
  };
}

function conditionsOf(match: JsonObject): RequestCondition[] {
  return [
    ...Object.entries(objectAt(match, 'headers')).map(([name, one]) =>
      headerIs(name, isObject(one) ? textAt(one, 'exact') : undefined),
    ),
    ...Object.entries(objectAt(match, 'queryParams')).map(([name, one]) =>
      queryIs(name, isObject(one) ? textAt(one, 'exact') : undefined),
    ),
  ];
}

/** Values that are no exact ones. */
function hasPatterns(match: JsonObject): boolean {
  return ['headers', 'queryParams'].some((key) =>
    Object.values(objectAt(match, key)).some(
      (one) => isObject(one) && Object.keys(one).some((kind) => kind !== 'exact'),
    ),
  );
}
