/**
 * Which NetworkPolicy manifests the API server refuses, field by field, before a cluster is asked.
 *
 * Refused is what create refuses under strict field validation, an unknown field among it. CIDRs
 * are read as leniently as servers up to 1.35 read them: host bits are masked, leading zeros and a
 * dotted IPv6 end mean what they look like (1.36 refuses the three: StrictIPCIDRValidation). Only
 * IPv4 mapped into IPv6 is refused as by 1.36: whether it matches IPv4 differs between CNIs. What is
 * accepted although it is suspicious (`ports: [{}]`, `ingress: [null]`) is for rules to find.
 * Source: kubernetes/kubernetes:pkg/apis/networking/validation/validation.go; V-nn as in
 * test/values/network-policy-validity.test.ts; answers compared with k8s.io/kubernetes v1.36.3
 */
import { cidrContains, hasHostBits, isCidr } from './cidr';
import { expectedLabelKey, expectedLabelValue, expectedPortName } from './names';
import type { FieldProblem, Fields } from './object-validity';
import {
  anything,
  fieldProblem,
  isAbsent,
  list,
  map,
  memberPath,
  namespacedMetadata,
  object,
  oneOf,
  text,
} from './object-validity';

/** Everything that the API server would refuse or drop, in the order of the API's fields. */
export function networkPolicyProblems(manifest: unknown): readonly FieldProblem[] {
  return networkPolicy(isAbsent(manifest) ? {} : manifest, '');
}

const PEER_FIELDS = ['podSelector', 'namespaceSelector', 'ipBlock'];

const requirement = object(
  {
    key: { required: text(expectedLabelKey) },
    operator: { required: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist') },
    values: list(text(expectedLabelValue)),
  },
  valuesFitOperator,
);

const selector = object({
  matchLabels: map(expectedLabelKey, expectedLabelValue),
  matchExpressions: list(requirement),
});

const ipBlock = object(
  { cidr: { required: text(expectedCidr) }, except: list(text(expectedCidr)) },
  exceptsInside,
);

const peer = object({ podSelector: selector, namespaceSelector: selector, ipBlock }, onePeer);

const port = object(
  { protocol: oneOf('TCP', 'UDP', 'SCTP'), port: portNumberOrName, endPort: portNumber },
  endPortFits,
);

const spec = object({
  podSelector: selector,
  policyTypes,
  ingress: list(object({ from: list(peer), ports: list(port) })),
  egress: list(object({ to: list(peer), ports: list(port) })),
});

const networkPolicy = object({
  apiVersion: { required: oneOf('networking.k8s.io/v1') },
  kind: { required: oneOf('NetworkPolicy') },
  metadata: { required: namespacedMetadata },
  spec,
  // written by servers 1.24 to 1.27, of no effect
  status: anything,
});

function policyTypes(value: unknown, field: string): readonly FieldProblem[] {
  if (Array.isArray(value) && value.length > 2) {
    return fieldProblem(field, value, 'at most two policy types');
  }
  return list(oneOf('Ingress', 'Egress'))(value, field);
}

function valuesFitOperator({ operator, values }: Fields, at: string): readonly FieldProblem[] {
  const count = Array.isArray(values) ? values.length : 0;
  if ((operator === 'In' || operator === 'NotIn') && count === 0) {
    return fieldProblem(
      memberPath(at, 'values'),
      values,
      `at least one value, as operator is ${operator}`,
    );
  }
  if ((operator === 'Exists' || operator === 'DoesNotExist') && count > 0) {
    return fieldProblem(memberPath(at, 'values'), values, `no values, as operator is ${operator}`);
  }
  return [];
}

function onePeer(fields: Fields, at: string): readonly FieldProblem[] {
  const present = PEER_FIELDS.filter((name) => !isAbsent(fields[name]));
  if (present.length === 0) {
    const expected =
      'a podSelector, a namespaceSelector or an ipBlock: an empty peer is not everybody';
    return fieldProblem(at, fields, expected);
  }
  if (present.length > 1 && present.includes('ipBlock')) {
    return fieldProblem(at, fields, 'either an ipBlock or selectors, not both in one peer');
  }
  return [];
}

function portNumberOrName(value: unknown, field: string): readonly FieldProblem[] {
  if (typeof value !== 'string') return portNumber(value, field);
  const expected = /^\d+$/.test(value)
    ? `${expectedPortName(value) ?? ''}; numbers without quotes`
    : expectedPortName(value);
  return expected === undefined ? [] : fieldProblem(field, value, expected);
}

function portNumber(value: unknown, field: string): readonly FieldProblem[] {
  return isPortNumber(value) ? [] : fieldProblem(field, value, 'an integer from 1 to 65535');
}

function isPortNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535;
}

function endPortFits({ port: first, endPort }: Fields, at: string): readonly FieldProblem[] {
  const field = memberPath(at, 'endPort');
  if (isAbsent(endPort)) return [];
  if (isAbsent(first)) return fieldProblem(field, endPort, 'no endPort, as port is absent');
  if (typeof first === 'string') {
    return fieldProblem(field, endPort, 'no endPort, as port is a name');
  }
  if (!isPortNumber(first) || !isPortNumber(endPort) || endPort >= first) return [];
  return fieldProblem(field, endPort, `an integer from ${first} (port) to 65535`);
}

function expectedCidr(given: string): string | undefined {
  const plain = plainCidr(given);
  if (plain === undefined) return 'a CIDR with its mask, such as 10.9.8.0/24 or 2001:db8::/64';
  // older servers read both and warn; from 1.36 on they refuse them
  if (/(?:^|[./])0\d/.test(given)) return 'a CIDR without leading zeros';
  return hasHostBits(plain) ? 'a CIDR without bits set beyond its mask' : undefined;
}

function exceptsInside({ cidr, except }: Fields, at: string): readonly FieldProblem[] {
  const outer = plainCidr(cidr);
  if (outer === undefined || !Array.isArray(except)) return [];
  const items: unknown[] = Array.from<unknown>(except);
  return items.flatMap((item, index) => {
    const inner = plainCidr(item);
    if (inner === undefined || isStrictPart(outer, inner)) return [];
    const expected = `a block inside ${outer} and smaller than it`;
    return fieldProblem(`${memberPath(at, 'except')}[${String(index)}]`, item, expected);
  });
}

function isStrictPart(outer: string, inner: string): boolean {
  return cidrContains(outer, inner) && outer.split('/')[1] !== inner.split('/')[1];
}

/** A CIDR without leading zeros and without the dotted form of an IPv6 address's end. */
function plainCidr(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  const short = given.replace(/\b0+(?=[\da-f])/gi, '');
  const plain = short.replace(/:(\d+(?:\.\d+){3})(?=\/)/, (written, address: string) => {
    if (!isCidr(`${address}/32`)) return written;
    const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
    return `:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  return isCidr(plain) ? plain : undefined;
}
