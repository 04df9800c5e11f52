/**
 * String matches of routes: exact, prefix or regex, one of them (VS-V8).
 *
 * Source: istio/istio:pkg/config/validation/validation.go, validateStringMatch
 */
import type { Field } from './field';
import { checkRegex } from './re2';
import { TEXT, object } from './shape';

export const STRING_MATCH = object(
  { exact: TEXT, prefix: TEXT, regex: TEXT },
  { exclusive: [['exact', 'prefix', 'regex']] },
);

/** A match, where one is set; Envoy refuses the empty prefix. */
export function checkStringMatch(match: Field): void {
  const prefix = match.at('prefix');
  if (prefix.isSet && prefix.text === '') prefix.refuse('a prefix that is not empty');
  checkRegexMatch(match);
}

/** As `checkStringMatch` for URIs, where the empty prefix matches everything. */
export function checkRegexMatch(match: Field): void {
  const regex = match.at('regex');
  if (!regex.isSet) return;
  if (regex.text === '') regex.refuse('a regular expression that is not empty');
  else checkRegex(regex);
}
