/**
 * The values inside AuthorizationPolicy rules: which strings may stand in which list.
 *
 * Source: istio/istio:pkg/config/security/security.go (CheckServiceAccount,
 * CheckTrustDomainValues, CheckValidPathTemplate, ValidateAttribute)
 */
import { type Field, checkNonEmpty } from './field';
import { checkIpOrCidr } from './names';

type Check = (value: Field) => void;
type ListChecks = Readonly<Record<string, Check>>;

/** Lists of `from[].source`. */
export const SOURCE_LISTS: ListChecks = {
  ...inBothForms('ipBlocks', checkIpOrCidr),
  ...inBothForms('namespaces', checkNonEmpty),
  ...inBothForms('principals', checkNonEmpty),
  ...inBothForms('remoteIpBlocks', checkIpOrCidr),
  ...inBothForms('requestPrincipals', checkNonEmpty),
  ...inBothForms('serviceAccounts', checkServiceAccount),
  ...inBothForms('trustDomains', checkTrustDomain),
};

/** Lists of `to[].operation`. */
export const OPERATION_LISTS: ListChecks = {
  ...inBothForms('hosts', checkNonEmpty),
  ...inBothForms('methods', checkNonEmpty),
  ...inBothForms('paths', checkPath),
  ...inBothForms('ports', checkPortText),
};

/** Keys of `when` that have no brackets. */
const CONDITIONS: ListChecks = {
  'source.ip': checkIpOrCidr,
  'remote.ip': checkIpOrCidr,
  'source.namespace': checkNonEmpty,
  'source.serviceAccount': checkServiceAccount,
  'source.principal': checkNonEmpty,
  'source.trustDomain': checkWildcard,
  'request.auth.principal': checkNonEmpty,
  'request.auth.audiences': checkNonEmpty,
  'request.auth.presenter': checkNonEmpty,
  'destination.ip': checkIpOrCidr,
  'destination.port': checkPortText,
  'connection.sni': checkNonEmpty,
};

/** Keys of `when` that take the form `name[part]`. */
const BRACKETED = ['request.headers', 'request.auth.claims', 'experimental.envoy.filters.'];

const MAX_SERVICE_ACCOUNTS = 16;

/** Checks each list of `field` that the table names. */
export function checkLists(field: Field, checks: ListChecks): void {
  for (const [name, check] of Object.entries(checks)) {
    checkValues(field.at(name), check);
  }
}

/** AP-V14, AP-V15: one entry of `when`. */
export function checkCondition(condition: Field): void {
  const key = condition.at('key');
  if (key.text === '') {
    key.refuse('the name of an attribute');
    return;
  }
  const lists = condition.present(['values', 'notValues']).filter((list) => list.items.length > 0);
  if (lists.length === 0) condition.refuse('at least one of values and notValues');
  const check = conditionCheck(key);
  for (const values of lists) checkValues(values, check);
}

function conditionCheck(key: Field): Check {
  if (BRACKETED.some((prefix) => key.text.startsWith(prefix))) {
    if (!/^[^[]+\[.+\]$/s.test(key.text)) key.refuse('the form name[part]');
    return checkNonEmpty;
  }
  const check = Object.hasOwn(CONDITIONS, key.text) ? CONDITIONS[key.text] : undefined;
  if (check === undefined) {
    const known = [...Object.keys(CONDITIONS), ...BRACKETED.map((prefix) => `${prefix}[…]`)];
    key.refuse(`one of ${known.join(', ')}`);
  }
  return check ?? checkNonEmpty;
}

function checkValues(values: Field, check: Check): void {
  for (const value of values.items) check(value);
  if (check === checkServiceAccount && values.items.length > MAX_SERVICE_ACCOUNTS) {
    values.refuse(`at most ${String(MAX_SERVICE_ACCOUNTS)} service accounts`);
  }
}

function checkServiceAccount(value: Field): void {
  const valid = value.text.length <= 320 && /^(?:[^*/]+\/)?[^*/]+$/.test(value.text);
  if (!valid) value.refuse('serviceAccount or namespace/serviceAccount, without wildcard');
}

function checkWildcard(value: Field): void {
  if (!/^(?:[^*]+\*?|\*[^*]*)$/.test(value.text)) {
    value.refuse('text with at most one "*", at its start or end');
  }
}

function checkTrustDomain(value: Field): void {
  checkWildcard(value);
  if (value.text.includes('/')) value.refuse('a trust domain without "/"');
}

function checkPortText(value: Field): void {
  // 0 passes: istio/istio:pkg/config/security/security.go, ValidatePorts
  if (!/^\d+$/.test(value.text) || Number(value.text) > 65535) {
    value.refuse('a port from 0 to 65535 as text');
  }
}

/** AP-V13: `{*}` and `{**}` stand for whole segments, and nothing templated follows `{**}`. */
function checkPath(value: Field): void {
  checkNonEmpty(value);
  const isTemplate = /\{\*\*?\}/.test(value.text);
  let open = true;
  for (const segment of value.text.replace(/^\/+|\/+$/g, '').split('/')) {
    if (segment === '{*}' || segment === '{**}') {
      if (!open) value.refuse('{**} as the last template of the path');
      open &&= segment === '{*}';
    } else if (/[{}]/.test(segment)) {
      value.refuse('braces only as whole segments {*} and {**}');
    } else if (isTemplate && !/^[a-zA-Z0-9\-._~%!$&'()+,;:@=]+$/.test(segment)) {
      value.refuse('segments of URL path characters beside {*} and {**}', segment);
    }
  }
}

function inBothForms(name: string, check: Check): ListChecks {
  return { [name]: check, [`not${name.charAt(0).toUpperCase()}${name.slice(1)}`]: check };
}
