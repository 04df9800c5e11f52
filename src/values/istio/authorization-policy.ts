/**
 * AuthorizationPolicy: which written rules does Istio refuse? (AP-V1 to AP-V16)
 *
 * Values are checked list by list with the tables of authorization-values.ts.
 * Source: istio/istio:pkg/config/validation/validation.go, ValidateAuthorizationPolicy
 */
import { ONE_POLICY_TARGET, POLICY_TARGETS, checkPolicyTargets } from './attachment';
import { OPERATION_LISTS, SOURCE_LISTS, checkCondition, checkLists } from './authorization-values';
import type { Field } from './field';
import { type IstioKind, SECURITY } from './kind';
import { type Fields, type Rule, TEXT, TEXTS, choice, has, list, object, text } from './shape';

const SERVICE_ACCOUNTS = list(text({ max: 320 }), { max: 16 });

const BY_SERVICE_ACCOUNT = ['serviceAccounts', 'notServiceAccounts'];
const BY_PRINCIPAL = ['principals', 'notPrincipals', 'namespaces', 'notNamespaces'];

const oneIdentityForm: Rule<Fields> = {
  message: 'Cannot set serviceAccounts with namespaces or principals',
  holds: (source) =>
    !BY_SERVICE_ACCOUNT.some((name) => has(source, name)) ||
    !BY_PRINCIPAL.some((name) => has(source, name)),
};

/** Attributes that come from mTLS or a JWT; CUSTOM runs before both are known (AP-03). */
const IDENTITY_LISTS = [
  ...BY_PRINCIPAL,
  ...BY_SERVICE_ACCOUNT,
  'trustDomains',
  'notTrustDomains',
  'requestPrincipals',
  'notRequestPrincipals',
];
const IDENTITY_CONDITION =
  /^(?:source\.(?:namespace|serviceAccount|trustDomain|principal)$|request\.auth\.)/;

/** Lists that a proxy can match on a plain TCP connection. */
const TCP_SOURCE_LISTS = [
  ...BY_PRINCIPAL,
  ...BY_SERVICE_ACCOUNT,
  'ipBlocks',
  'notIpBlocks',
  'remoteIpBlocks',
  'notRemoteIpBlocks',
];
const TCP_OPERATION_LISTS = ['ports', 'notPorts'];

const SOURCE = object(
  {
    ...Object.fromEntries(Object.keys(SOURCE_LISTS).map((name) => [name, TEXTS])),
    serviceAccounts: SERVICE_ACCOUNTS,
    notServiceAccounts: SERVICE_ACCOUNTS,
  },
  { rules: [oneIdentityForm] },
);

const OPERATION = object(
  Object.fromEntries(Object.keys(OPERATION_LISTS).map((name) => [name, TEXTS])),
);

export const AUTHORIZATION_POLICY: IstioKind = {
  ...SECURITY,
  kind: 'AuthorizationPolicy',
  shape: object(
    {
      action: choice('ALLOW', 'DENY', 'AUDIT', 'CUSTOM'),
      provider: object({ name: TEXT }),
      rules: list(
        object({
          from: list(object({ source: SOURCE }), { max: 512 }),
          to: list(object({ operation: OPERATION })),
          when: list(object({ key: TEXT, notValues: TEXTS, values: TEXTS }, { required: ['key'] })),
        }),
        { max: 512 },
      ),
      ...POLICY_TARGETS,
    },
    { rules: [ONE_POLICY_TARGET] },
  ),
  check: checkAuthorizationPolicy,
};

function checkAuthorizationPolicy(spec: Field): void {
  checkPolicyTargets(spec);
  checkAction(spec);
  const action = spec.at('action').text;
  for (const rule of spec.at('rules').items) {
    if (!rule.isSet) {
      rule.refuse('a rule; {} matches everything');
      continue;
    }
    checkRule(rule);
    if (action === 'CUSTOM') checkCustomRule(rule);
    if (action === 'DENY') warnOfTcpDenial(rule);
  }
}

/** AP-V2, AP-V4, AP-V5. An empty list of rules decodes to an absent one. */
function checkAction(spec: Field): void {
  const action = spec.at('action').text;
  const provider = spec.at('provider');
  const hasRules = spec.at('rules').items.length > 0;
  if ((action === 'CUSTOM' || action === 'DENY') && !hasRules) {
    spec.at('rules').refuse(`rules: without them ${action} matches nothing; [{}] matches all`);
  }
  if (action === 'CUSTOM' && hasRules && provider.at('name').text === '') {
    provider.at('name').refuse('the name of an extension provider');
  }
  if (action !== 'CUSTOM' && provider.isSet) provider.refuse('a provider only with action CUSTOM');
}

/** AP-V6 to AP-V15. */
function checkRule(rule: Field): void {
  for (const [side, part] of [
    ['from', 'source'],
    ['to', 'operation'],
  ] as const) {
    const entries = rule.at(side);
    // Go refuses an empty list; from YAML it decodes to "not set" and would match everybody
    if (Array.isArray(entries.value) && entries.value.length === 0) {
      entries.refuse('at least one entry, or no list');
    }
    for (const entry of entries.items) checkSide(entry.at(part), part);
  }
  for (const condition of rule.at('when').items) checkCondition(condition);
}

function checkSide(side: Field, part: 'source' | 'operation'): void {
  const checks = part === 'source' ? SOURCE_LISTS : OPERATION_LISTS;
  if (!hasAny(side, Object.keys(checks))) {
    side.refuse(`at least one of ${Object.keys(checks).join(', ')}`);
  }
  if (hasAny(side, BY_SERVICE_ACCOUNT) && hasAny(side, BY_PRINCIPAL)) {
    side.refuse('serviceAccounts, or principals and namespaces, not both');
  }
  checkLists(side, checks);
}

/** AP-V3. */
function checkCustomRule(rule: Field): void {
  const expected = 'nothing: identity and JWT are not known yet when CUSTOM runs';
  for (const from of rule.at('from').items) {
    for (const values of from.at('source').present(IDENTITY_LISTS)) {
      if (values.items.length > 0) values.refuse(expected);
    }
  }
  for (const condition of rule.at('when').items) {
    if (IDENTITY_CONDITION.test(condition.at('key').text)) condition.at('key').refuse(expected);
  }
}

/** AP-V16: on a TCP port only the HTTP part of a DENY rule is dropped, so the rest denies more. */
function warnOfTcpDenial(rule: Field): void {
  const sources = rule.at('from').items.map((item) => item.at('source'));
  const operations = rule.at('to').items.map((item) => item.at('operation'));
  const hasOperation = operations.some((operation) => operation.isSet);
  const hasSource = sources.some((source) => source.isSet);
  const tcpOperation = operations.some((operation) => hasAny(operation, TCP_OPERATION_LISTS));
  const tcpSource = sources.some((source) => hasAny(source, TCP_SOURCE_LISTS));
  if (hasOperation ? !tcpOperation : hasSource && !tcpSource) {
    rule.warn('ports: a DENY rule with HTTP attributes only denies all traffic to TCP ports');
  }
}

function hasAny(field: Field, lists: readonly string[]): boolean {
  return lists.some((name) => field.at(name).items.length > 0);
}
