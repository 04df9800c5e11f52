/**
 * What ztunnel makes of a rule. It knows addresses, identities and ports. An ALLOW rule with
 * anything else never matches. A DENY rule loses what it does not know, and a part that is left
 * without anything never matches: DENY by principal and method denies nobody, DENY by port and
 * method denies the port.
 *
 * Source: istio/istio:pilot/pkg/serviceregistry/ambient/authorization.go, istio/ztunnel:src/rbac.rs
 */
import { positive } from './rules';
import type { Action, AuthorizationRule, Fields } from './spec';

const SOURCE_FIELDS = ['ipBlocks', 'namespaces', 'principals', 'serviceAccounts'];
const OPERATION_FIELDS = ['ports'];
const WHEN_KEYS = [
  'source.ip',
  'source.namespace',
  'source.principal',
  'destination.ip',
  'destination.port',
];

/** Left out without a word, in ALLOW and DENY alike. */
const IGNORED_FIELDS = ['trustDomains'];

/** The rule as ztunnel gets it, or why it never matches; both, where it is not what was written. */
export function atZtunnel(
  rule: AuthorizationRule,
  action: Action,
): { readonly rule?: AuthorizationRule; readonly why?: string } {
  const unknown = unknownFields(rule);
  if (action === 'ALLOW' && unknown.length > 0) {
    return { why: `an ALLOW rule with ${unknown.join(', ')}, which ztunnel does not see` };
  }
  const sources = rule.sources.map((one) => known(one, SOURCE_FIELDS)).filter(isTelling);
  const operations = rule.operations.map((one) => known(one, OPERATION_FIELDS)).filter(isTelling);
  const lost =
    (rule.sources.length > 0 && sources.length === 0) ||
    (rule.operations.length > 0 && operations.length === 0) ||
    rule.when.some(({ key }) => !WHEN_KEYS.includes(key));
  const ignored = rule.sources.some((source) =>
    Object.keys(source).some((field) => IGNORED_FIELDS.includes(positive(field))),
  );
  const parts = [...unknown, ...(ignored ? IGNORED_FIELDS : [])].join(', ');
  if (lost) return { why: `nothing is left of a part of it without ${parts}` };
  const read = { sources, operations, when: rule.when };
  return parts === '' ? { rule: read } : { rule: read, why: `read without ${parts}` };
}

function unknownFields({ sources, operations, when }: AuthorizationRule): string[] {
  const of = (all: readonly Fields[], fields: readonly string[]): string[] =>
    all.flatMap((one) => Object.keys(one)).filter((field) => !fields.includes(positive(field)));
  const keys = when.map(({ key }) => key).filter((key) => !WHEN_KEYS.includes(key));
  const found = [
    ...of(sources, [...SOURCE_FIELDS, ...IGNORED_FIELDS]),
    ...of(operations, OPERATION_FIELDS),
    ...keys,
  ];
  return [...new Set(found)].sort();
}

function known(all: Fields, fields: readonly string[]): Fields {
  return Object.fromEntries(
    Object.entries(all).filter(([field]) => fields.includes(positive(field))),
  );
}

/** An empty match matches nothing, where elsewhere it matches everything. */
function isTelling(fields: Fields): boolean {
  return Object.keys(fields).length > 0;
}
