/**
 * RequestAuthentication: where tokens come from and which keys verify them (6.5).
 *
 * Source: istio/istio:pkg/config/validation/validation.go, ValidateRequestAuthentication
 */
import { ONE_POLICY_TARGET, POLICY_TARGETS, checkPolicyTargets } from './attachment';
import { checkDuration } from './duration';
import { type Field, checkNonEmpty } from './field';
import { checkJwks } from './jwks';
import { type IstioKind, SECURITY } from './kind';
import { BOOLEAN, DURATION, NON_EMPTY, TEXT, atMostOne, list, object, text } from './shape';

/** Scheme http or https, and digits as port where there is one: security.go, ParseJwksURI. */
const JWKS_URI =
  /^https?:(?:(?!\/\/)|\/\/(?:[^@/?#]*@)?(?:\[[^\]/]*\]|[^:[\]/?#\s]*)(?::\d*)?(?:[/?]|$))/i;
const HEADER_NAME = /^[-_A-Za-z0-9]+$/;

const URI = text({
  min: 1,
  max: 2048,
  rules: [
    {
      message: 'url must have scheme http:// or https://',
      holds: isJwksUri,
    },
  ],
});

const JWT_RULE = object(
  {
    audiences: list(NON_EMPTY),
    forwardOriginalToken: BOOLEAN,
    fromCookies: list(NON_EMPTY),
    fromHeaders: list(object({ name: NON_EMPTY, prefix: TEXT }, { required: ['name'] })),
    fromParams: list(NON_EMPTY),
    issuer: NON_EMPTY,
    jwks: TEXT,
    jwks_uri: URI,
    jwksUri: URI,
    outputClaimToHeaders: list(
      object(
        { claim: NON_EMPTY, header: text({ min: 1, pattern: HEADER_NAME }) },
        { required: ['header', 'claim'] },
      ),
    ),
    outputPayloadToHeader: TEXT,
    spaceDelimitedClaims: list(NON_EMPTY, { max: 64 }),
    timeout: DURATION,
  },
  {
    rules: [atMostOne('only one of jwks or jwksUri can be set', 'jwksUri', 'jwks_uri', 'jwks')],
  },
);

export const REQUEST_AUTHENTICATION: IstioKind = {
  ...SECURITY,
  kind: 'RequestAuthentication',
  shape: object(
    { jwtRules: list(JWT_RULE, { max: 4096 }), ...POLICY_TARGETS },
    { rules: [ONE_POLICY_TARGET] },
  ),
  check: checkRequestAuthentication,
};

function checkRequestAuthentication(spec: Field): void {
  checkPolicyTargets(spec);
  for (const rule of spec.at('jwtRules').items) {
    if (rule.isSet) checkJwtRule(rule);
  }
}

function checkJwtRule(rule: Field): void {
  const uri = rule.at('jwksUri').isSet ? rule.at('jwksUri') : rule.at('jwks_uri');
  if (rule.at('issuer').text === '' && uri.text === '') {
    rule.refuse('an issuer or a jwksUri');
  }
  if (uri.text !== '' && !isJwksUri(uri.text)) {
    uri.refuse('a URL with scheme http or https and a numeric port');
  }
  checkJwks(rule.at('jwks'));
  for (const name of ['audiences', 'fromParams', 'fromCookies']) {
    rule.at(name).items.forEach(checkNonEmpty);
  }
  for (const header of rule.at('fromHeaders').items) checkNonEmpty(header.at('name'));
  for (const output of rule.at('outputClaimToHeaders').items) {
    checkNonEmpty(output.at('claim'));
    if (!HEADER_NAME.test(output.at('header').text)) {
      output.at('header').refuse('a header name of letters, digits, "-" and "_"');
    }
  }
  checkDuration(rule.at('timeout'));
}

function isJwksUri(uri: string): boolean {
  const hasBrokenEscape = /%(?![\dA-Fa-f]{2})/.test(uri);
  return JWKS_URI.test(uri) && !hasBrokenEscape;
}
