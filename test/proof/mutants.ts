/**
 * Everything that could be wrong with one object by one step: a rule, a peer, a port, a limit gone or
 * wider. Each mutant is the whole object, changed at one place.
 */
import { variantsOf } from './json-steps';
import type { Json, Step } from './json-steps';

export interface Mutant {
  /** `widen cidr`, `delete a rule`: what the counts are told by. */
  readonly kind: string;
  /** Undefined: the object is gone. */
  readonly object: Json | undefined;
}

/** Kinds of objects that decide who may speak to whom. */
export const JUDGED = [
  'NetworkPolicy',
  'AuthorizationPolicy',
  'PeerAuthentication',
  'RequestAuthentication',
];

export function mutantsOf(object: Json): Mutant[] {
  const { kind } = object as { readonly kind: string };
  const steps = STEPS[kind] ?? [];
  const found = steps.flatMap(({ name, at, becomes }) =>
    variantsOf(object, at, becomes).map((one) => ({ kind: `${kind}: ${name}`, object: one })),
  );
  const texts = new Set([JSON.stringify(object)]);
  const distinct = found.filter((one) => {
    const text = JSON.stringify(one.object);
    return texts.has(text) ? false : texts.add(text);
  });
  return [{ kind: `${kind}: delete the object`, object: undefined }, ...distinct];
}

const gone = (): Json[] => [undefined];
const to = (value: Json) => (): Json[] => [value];
/** The list without each of its entries; where one is left alone, `wider` says what becomes of it. */
const without = (value: Json): Json[] =>
  Array.isArray(value) && value.length > 1
    ? value.map((_, index) => value.filter((__, at) => at !== index))
    : [];
/** Where one entry is the last, the list itself goes, which means anything. */
const wider = (value: Json): Json[] =>
  Array.isArray(value) && value.length > 0 ? [undefined] : [];
const everyAddress = (value: Json): Json[] => [String(value).includes(':') ? '::/0' : '0.0.0.0/0'];
/** `cluster.local/ns/a/sa/b` is `cluster.local/ns/a/*` or anybody who proves who they are. */
const principal = (value: Json): Json[] => ['*', String(value).replace(/\/sa\/.*$/, '/sa/*')];

const PEERS = ['from', 'to'];
const RULES = ['ingress', 'egress'];

/** No rule is a list as well: nobody. */
const withoutRule = (value: Json): Json[] =>
  Array.isArray(value) ? value.map((_, index) => value.filter((__, at) => at !== index)) : [];

function ownNamespace(value: Json): Json[] {
  const { namespaceSelector, podSelector } = value as Record<string, Json>;
  return namespaceSelector === undefined ? [] : [{ podSelector: podSelector ?? {} }];
}

function networkPolicy(): Step[] {
  return RULES.flatMap((rules, index) => {
    const rule = ['spec', rules, '*'];
    const peers = [...rule, PEERS[index] ?? ''];
    const peer = [...peers, '*'];
    return [
      { name: 'delete a rule', at: ['spec', rules], becomes: withoutRule },
      { name: 'delete a peer', at: peers, becomes: without },
      { name: 'any peer', at: peers, becomes: wider },
      { name: 'delete a port', at: [...rule, 'ports'], becomes: without },
      { name: 'any port', at: [...rule, 'ports'], becomes: wider },
      { name: 'widen a port', at: [...rule, 'ports', '*'], becomes: everyPort },
      { name: 'another protocol', at: [...rule, 'ports', '*', 'protocol'], becomes: to('SCTP') },
      { name: 'any pod', at: [...peer, 'podSelector'], becomes: anyPod },
      { name: 'own namespace', at: peer, becomes: ownNamespace },
      { name: 'any namespace', at: [...peer, 'namespaceSelector'], becomes: to({}) },
      { name: 'every address', at: [...peer, 'ipBlock', 'cidr'], becomes: everyAddress },
      { name: 'no exception', at: [...peer, 'ipBlock', 'except'], becomes: gone },
      { name: 'one exception less', at: [...peer, 'ipBlock', 'except'], becomes: without },
    ];
  });
}

function everyPort(value: Json): Json[] {
  const { port, protocol } = value as { port?: unknown; protocol?: string };
  return typeof port === 'number' ? [{ port: 1, endPort: 65535, protocol: protocol ?? 'TCP' }] : [];
}

/** A peer of a pod selector alone is any pod of the namespace, or of those beside it. */
const anyPod = to({});

function authorization(): Step[] {
  const rule = ['spec', 'rules', '*'];
  const source = [...rule, 'from', '*', 'source'];
  const operation = [...rule, 'to', '*', 'operation'];
  const parts = (at: string[], names: string[]): Step[] =>
    names.flatMap((name) => [
      { name: `delete one of ${name}`, at: [...at, name], becomes: without },
      { name: `any ${name}`, at, becomes: withoutField(name) },
    ]);
  return [
    { name: 'delete a rule', at: ['spec'], becomes: withoutAuthorization },
    { name: 'any request', at: rule, becomes: to({}) },
    { name: 'delete a source', at: [...rule, 'from'], becomes: without },
    { name: 'any source', at: [...rule, 'from'], becomes: gone },
    { name: 'delete an operation', at: [...rule, 'to'], becomes: without },
    { name: 'any operation', at: [...rule, 'to'], becomes: gone },
    { name: 'delete a condition', at: [...rule, 'when'], becomes: without },
    { name: 'no conditions', at: [...rule, 'when'], becomes: gone },
    { name: 'delete a value', at: [...rule, 'when', '*', 'values'], becomes: without },
    ...parts(source, [...SOURCES, ...SOURCES.map(negated)]),
    ...parts(operation, [...OPERATIONS, ...OPERATIONS.map(negated)]),
    { name: 'widen a principal', at: [...source, 'principals', '*'], becomes: principal },
    { name: 'widen a namespace', at: [...source, 'namespaces', '*'], becomes: to('*') },
    { name: 'widen an account', at: source, becomes: anyAccount },
    { name: 'widen a path', at: [...operation, 'paths', '*'], becomes: to('/*') },
    { name: 'widen a host', at: [...operation, 'hosts', '*'], becomes: to('*') },
    { name: 'selects nothing', at: ['spec', 'selector'], becomes: to(NOBODY) },
    { name: 'selects nothing', at: ['spec', 'targetRefs', '*', 'name'], becomes: to('nobody') },
    { name: 'DENY becomes ALLOW', at: ['spec', 'action'], becomes: allowed },
  ];
}

const SOURCES = ['principals', 'namespaces', 'serviceAccounts', 'ipBlocks', 'requestPrincipals'];
const OPERATIONS = ['ports', 'methods', 'paths', 'hosts'];
const NOBODY = { matchLabels: { app: 'nobody-carries-this' } };

const negated = (name: string): string => `not${name.charAt(0).toUpperCase()}${name.slice(1)}`;
/** Accounts know no asterisk: any account of a namespace is the namespace. */
function anyAccount(value: Json): Json[] {
  const { serviceAccounts, ...others } = value as { readonly serviceAccounts?: string[] };
  if (serviceAccounts === undefined || Object.keys(others).length > 0) return [];
  return [{ namespaces: [...new Set(serviceAccounts.map((one) => one.replace(/\/.*$/, '')))] }];
}

/** Istio refuses an empty source or operation; that it goes altogether is another mutant. */
function withoutField(name: string): (value: Json) => Json[] {
  return (value) => {
    const { [name]: field, ...others } = value as Readonly<Record<string, Json>>;
    return field === undefined || Object.keys(others).length === 0 ? [] : [others];
  };
}

/** Istio refuses to deny by no rule at all. */
function withoutAuthorization(value: Json): Json[] {
  const { action, rules } = value as { readonly action?: string; readonly rules?: Json };
  const fewer = withoutRule(rules);
  return fewer
    .filter((one) => action !== 'DENY' || (Array.isArray(one) && one.length > 0))
    .map((one) => ({ ...(value as object), rules: one }));
}

const allowed = (value: Json): Json[] => (value === 'DENY' ? ['ALLOW'] : []);
const permissive = (value: Json): Json[] =>
  value === 'STRICT' ? ['PERMISSIVE', 'DISABLE'] : ['DISABLE'];

const STEPS: Readonly<Record<string, readonly Step[]>> = {
  NetworkPolicy: [
    ...networkPolicy(),
    { name: 'selects nothing', at: ['spec', 'podSelector'], becomes: to(NOBODY) },
    { name: 'one direction less', at: ['spec', 'policyTypes'], becomes: without },
  ],
  AuthorizationPolicy: authorization(),
  PeerAuthentication: [
    { name: 'weaker mode', at: ['spec', 'mtls', 'mode'], becomes: permissive },
    { name: 'no mode', at: ['spec', 'mtls'], becomes: gone },
    { name: 'no portLevelMtls', at: ['spec', 'portLevelMtls'], becomes: gone },
    {
      name: 'weaker mode of a port',
      at: ['spec', 'portLevelMtls', '*', 'mode'],
      becomes: permissive,
    },
    { name: 'selects nothing', at: ['spec', 'selector'], becomes: to(NOBODY) },
  ],
  RequestAuthentication: [
    { name: 'delete a rule', at: ['spec', 'jwtRules'], becomes: without },
    { name: 'any audience', at: ['spec', 'jwtRules', '*', 'audiences'], becomes: gone },
    {
      name: 'another issuer',
      at: ['spec', 'jwtRules', '*', 'issuer'],
      becomes: to('https://nobody'),
    },
    { name: 'selects nothing', at: ['spec', 'selector'], becomes: to(NOBODY) },
  ],
};
