/**
 * What a route answers or rewrites instead of passing a request on as it is: redirect, direct
 * response, rewrite (VS-V15 to VS-V17).
 *
 * Source: istio/istio:pkg/config/validation/validation.go (validateHTTPRedirect,
 * validateHTTPDirectResponse, validateHTTPRewrite)
 */
import type { Field } from './field';
import { checkPortNumber } from './ports';
import { checkRegex } from './re2';
import { TEXT, UINT32, choice, object, text } from './shape';

export const REDIRECT = object(
  {
    authority: TEXT,
    derivePort: choice('FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT'),
    port: UINT32,
    redirectCode: UINT32,
    scheme: TEXT,
    uri: TEXT,
  },
  { exclusive: [['port', 'derivePort']] },
);

export const DIRECT_RESPONSE = object(
  {
    body: object(
      { bytes: text({ format: 'byte' }), string: TEXT },
      { exclusive: [['string', 'bytes']] },
    ),
    status: UINT32,
  },
  { required: ['status'] },
);

export const REWRITE = object({
  authority: TEXT,
  uri: TEXT,
  uriRegexRewrite: object({ match: TEXT, rewrite: TEXT }),
});

const KILOBYTE = 1024;

/** A redirect, and the matches of its route: a prefix can be rewritten only where one is matched. */
export function checkRedirect(redirect: Field, matches: Field): void {
  if (!redirect.isSet) return;
  const prefix = redirect.at('prefixRewrite');
  const texts = ['uri', 'prefixRewrite', 'authority', 'scheme'];
  if (redirect.at('uri').text !== '' && prefix.text !== '') {
    redirect.refuse('uri or prefixRewrite, not both');
  }
  if (prefix.text !== '' && !matches.items.every(matchesPrefix)) {
    prefix.refuse('a prefix match in every uri match of the route');
  }
  const isEmpty = texts.every((name) => redirect.at(name).text === '');
  if (isEmpty && redirect.present(['port', 'derivePort']).length === 0) {
    redirect.refuse(`at least one of ${texts.join(', ')}, port, derivePort`);
  }
  const [code, scheme, port] = [
    redirect.at('redirectCode'),
    redirect.at('scheme'),
    redirect.at('port'),
  ];
  if (code.number !== 0 && (code.number < 300 || code.number > 399)) code.refuse('300 to 399');
  if (!['', 'http', 'https'].includes(scheme.text)) scheme.refuse('http or https');
  if (port.number > 0) checkPortNumber(port);
}

export function checkDirectResponse(response: Field): void {
  if (!response.isSet) return;
  const body = response.at('body');
  const bytes = body.at('bytes');
  if (Array.isArray(bytes.value)) bytes.refuse('base64 in a string');
  const size = Buffer.byteLength(body.at('string').text) || Buffer.byteLength(bytes.text, 'base64');
  if (size > KILOBYTE * KILOBYTE) body.refuse('a body of at most 1 MiB', size);
  else if (size > 100 * KILOBYTE) body.warn('a body of at most 100 KiB', size);
  checkHttpStatus(response.at('status'));
}

export function checkRewrite(rewrite: Field): void {
  if (!rewrite.isSet) return;
  const [uri, regex] = [rewrite.at('uri'), rewrite.at('uriRegexRewrite')];
  if (uri.text !== '' && regex.isSet) rewrite.refuse('uri or uriRegexRewrite, not both');
  if (uri.text === '' && !regex.isSet && rewrite.at('authority').text === '') {
    rewrite.refuse('at least one of uri, uriRegexRewrite and authority');
  }
  if (!regex.isSet) return;
  if (regex.at('match').text === '' || regex.at('rewrite').text === '') {
    regex.refuse('both match and rewrite');
  } else {
    checkRegex(regex.at('match'));
  }
}

/** A status that Envoy can answer with; istiod lets 600 pass. */
export function checkHttpStatus(status: Field): void {
  if (status.number < 200 || status.number > 600) status.refuse('an HTTP status from 200 to 599');
}

function matchesPrefix(match: Field): boolean {
  const uri = match.at('uri');
  return !uri.isSet || uri.at('prefix').isSet;
}
