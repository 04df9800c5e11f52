/**
 * HTTP headers in routes: which names may be matched or changed, and which values Envoy parses.
 *
 * Sources: istio/istio:pkg/config/validation/validation.go, header_value_validator.go (a port of
 * envoyproxy/envoy:source/common/router/header_parser.cc)
 */
import type { Field } from './field';
import { TEXTS, TEXT_MAP, object } from './shape';

const OPERATIONS = object({ add: TEXT_MAP, remove: TEXTS, set: TEXT_MAP });

export const HEADERS = object({ request: OPERATIONS, response: OPERATIONS });

/** RFC 7230 token. */
const TOKEN = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;
const PSEUDO_HEADERS = [':method', ':scheme', ':authority', ':path', ':status'];
const JWT_CLAIM = /^@request\.auth\.claims(?:\..+|\[.+\])$/is;

/** Text and `%VARIABLE%`, `%VARIABLE(argument)%`, `%VARIABLE(["a", "b"])%`; `%%` is a percent sign. */
const VALUE = headerValue();

/** Route on a claim of a verified token; gateways alone can. */
export function isJwtClaim(name: string): boolean {
  return JWT_CLAIM.test(name);
}

/** VS-V8: a header that a route matches on; the name is the key under which `field` stands. */
export function checkMatchedName(field: Field, name: string): void {
  if (!isJwtClaim(name) && !PSEUDO_HEADERS.includes(name) && !TOKEN.test(name)) {
    field.refuse('a header name, pseudo header or @request.auth.claims… as key', name);
  }
}

/** Names in CORS lists, where `*` is one too. */
export function checkCorsHeader(name: Field): void {
  if (!TOKEN.test(name.text)) name.refuse('a header name, or "*"');
}

/** VS-V9: operations of a route or of one of its destinations. */
export function checkHeaders(headers: Field): void {
  const [request, response] = [headers.at('request'), headers.at('response')];
  for (const operation of ['add', 'set']) {
    for (const [name, value] of request.at(operation).entries) {
      if (name === '' || (isInternal(name) && !isAuthority(name))) {
        value.refuse('a header name that does not start with ":", or the authority', name);
      }
      checkValue(value);
    }
    for (const [name, value] of response.at(operation).entries) {
      if (name === '' || isInternal(name)) value.refuse(CHANGEABLE, name);
      checkValue(value);
    }
  }
  for (const name of [...request.at('remove').items, ...response.at('remove').items]) {
    if (name.text === '' || isInternal(name.text)) name.refuse(CHANGEABLE);
  }
}

/** The request's operations that set its authority. */
export function authorityOperations(headers: Field): readonly Field[] {
  return ['set', 'add'].flatMap((operation) =>
    headers
      .at('request')
      .at(operation)
      .entries.filter(([name]) => isAuthority(name))
      .map(([, value]) => value),
  );
}

const CHANGEABLE = 'a header name other than host that does not start with ":"';

function checkValue(value: Field): void {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value.text) || !VALUE.test(value.text)) {
    value.refuse('text with %VARIABLE% in balance (%% for a percent sign), no control characters');
  }
}

function headerValue(): RegExp {
  const text = String.raw`(?:\\[^]|[^\\)"])*`;
  const start = String.raw`\( *(?:\[ *"|[^ [])`;
  const more = String.raw`(?:" *, *"${text})*`;
  const end = String.raw`(?:\)|" *\] *\)) *`;
  return new RegExp(`^(?:[^%]|%%|%[^%(]+%|%[^%(]*${start}${text}${more}${end}%)*$`);
}

function isInternal(name: string): boolean {
  return name.startsWith(':') || name.toLowerCase() === 'host';
}

function isAuthority(name: string): boolean {
  return [':authority', 'host'].includes(name.toLowerCase());
}
