/**
 * Who calls: what a rule asks of the caller's certificate and address, and whether a caller has it.
 * A caller without certificate has no identity: no value matches it, not even `*`, and every
 * negation does.
 *
 * Source: istio/istio:pilot/pkg/security/authz/model/generator.go (1.31)
 */
import { cidrContains, cidrsOverlap } from '../../values/cidr';
import { patternMatches, textPattern } from '../http/patterns';
import type { MissingFact } from './facts';

export interface MeshIdentity {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly account: string;
}

export interface Caller {
  /** Absent: it calls in plain text. */
  readonly identity?: MeshIdentity | 'unknown';
  /**
   * Of one pod, or blocks of addresses; several: of different families, one of which may do. Empty:
   * not known.
   */
  readonly addresses: readonly string[];
}

/** One of `values` (none listed: any) and none of `notValues`. */
export interface CallerTest {
  readonly attribute: CallerAttribute;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

export type CallerAttribute = 'principal' | 'namespace' | 'account' | 'trustDomain' | 'address';

/** All of them. */
export type CallerCondition = readonly CallerTest[];

export type Answer = 'yes' | 'no' | 'unknown';

/** Fields of a source, and keys of `when`, that ask about the caller. */
const ATTRIBUTES: Readonly<Record<string, CallerAttribute>> = {
  principals: 'principal',
  namespaces: 'namespace',
  serviceAccounts: 'account',
  trustDomains: 'trustDomain',
  ipBlocks: 'address',
  'source.principal': 'principal',
  'source.namespace': 'namespace',
  'source.serviceAccount': 'account',
  'source.trustDomain': 'trustDomain',
  'source.ip': 'address',
};

/** Undefined: the field asks about something else. */
export function callerTest(
  field: string,
  values: readonly string[],
  notValues: readonly string[],
  home: string,
): CallerTest | undefined {
  const attribute = Object.hasOwn(ATTRIBUTES, field) ? ATTRIBUTES[field] : undefined;
  if (attribute === undefined) return undefined;
  const read = (value: string): string => canonical(attribute, value, home);
  return { attribute, values: values.map(read), notValues: notValues.map(read) };
}

export function callerMatches(condition: CallerCondition, caller: Caller): Answer {
  return all(condition.map((test) => testMatches(test, caller)));
}

/** Whether one of these conditions holds. */
export function someCallerMatches(conditions: readonly CallerCondition[], caller: Caller): Answer {
  return any(conditions.map((condition) => callerMatches(condition, caller)));
}

/** What would have to be known of a caller of which a condition is not known to hold. */
export function factsOfCaller(
  conditions: readonly CallerCondition[],
  caller: Caller,
): MissingFact['fact'][] {
  const open = conditions
    .filter((condition) => callerMatches(condition, caller) === 'unknown')
    .flat()
    .filter((test) => testMatches(test, caller) === 'unknown');
  const facts = open.map(({ attribute }) =>
    attribute === 'address' ? 'pod-address' : 'caller-identity',
  );
  return [...new Set(facts)].sort();
}

export function all(answers: readonly Answer[]): Answer {
  if (answers.includes('no')) return 'no';
  return answers.includes('unknown') ? 'unknown' : 'yes';
}

export function any(answers: readonly Answer[]): Answer {
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}

export function not(answer: Answer): Answer {
  if (answer === 'unknown') return 'unknown';
  return answer === 'yes' ? 'no' : 'yes';
}

/** `10.0.0.1` means one address; an account without namespace is one of the policy's own. */
function canonical(attribute: CallerAttribute, value: string, home: string): string {
  if (attribute === 'address') return blockOf(value);
  return attribute === 'account' && !value.includes('/') ? `${home}/${value}` : value;
}

export function blockOf(address: string): string {
  if (address.includes('/')) return address;
  return `${address}/${address.includes(':') ? '128' : '32'}`;
}

function testMatches({ attribute, values, notValues }: CallerTest, caller: Caller): Answer {
  const has = (value: string): Answer =>
    attribute === 'address' ? hasAddress(value, caller) : hasIdentity(attribute, value, caller);
  const listed = values.length === 0 ? 'yes' : any(values.map(has));
  return all([listed, not(any(notValues.map(has)))]);
}

function hasAddress(block: string, { addresses }: Caller): Answer {
  if (addresses.length === 0) return 'unknown';
  return any(
    addresses.map(blockOf).map((address): Answer => {
      if (cidrContains(block, address)) return 'yes';
      return cidrsOverlap(block, address) ? 'unknown' : 'no';
    }),
  );
}

function hasIdentity(
  attribute: Exclude<CallerAttribute, 'address'>,
  value: string,
  { identity }: Caller,
): Answer {
  if (identity === undefined) return 'no';
  if (identity === 'unknown') return 'unknown';
  return identityMatches(attribute, value, identity) ? 'yes' : 'no';
}

function identityMatches(
  attribute: Exclude<CallerAttribute, 'address'>,
  value: string,
  { trustDomain, namespace, account }: MeshIdentity,
): boolean {
  switch (attribute) {
    case 'principal':
      return patternMatches(textPattern(value), `${trustDomain}/ns/${namespace}/sa/${account}`);
    case 'namespace':
      return wildcardMatches(value, namespace);
    case 'account':
      return value === `${namespace}/${account}`;
    case 'trustDomain':
      return patternMatches(textPattern(value), trustDomain);
  }
}

/** Namespaces know asterisks anywhere, several of them. Linear: each piece at its first place. */
function wildcardMatches(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return text === head;
  if (!text.startsWith(head) || text.length < head.length + tail.length) return false;
  let at = head.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.endsWith(tail) && at <= text.length - tail.length;
}
