/** NetworkPolicies that the API server refuses, each with its nearest neighbours that it takes. */
export type Json = Readonly<Record<string, unknown>>;

const x = (length: number): string => 'x'.repeat(length);

// The smallest policy around the field that a row is about.
const metadata = { name: 'model-api-ingress', namespace: 'llm-serving' };
export const manifest = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata };
export const meta = (fields: Json): Json => ({ ...manifest, metadata: { ...metadata, ...fields } });
export const spec = (fields: unknown): Json => ({ ...manifest, spec: fields });
export const ingress = (rule: unknown): Json => spec({ podSelector: {}, ingress: [rule] });
export const egress = (rule: unknown): Json => spec({ podSelector: {}, egress: [rule] });
export const port = (entry: unknown): Json => ingress({ ports: [entry] });
export const peer = (entry: unknown): Json => ingress({ from: [entry] });
export const block = (cidr: unknown, ...except: unknown[]): Json =>
  peer({ ipBlock: { cidr, except } });
export const labels = (matchLabels: unknown): Json => spec({ podSelector: { matchLabels } });
export const requirement = (...matchExpressions: unknown[]): Json =>
  spec({ podSelector: { matchExpressions } });

export const AT_PORT = 'spec.ingress[0].ports[0]';
export const AT_PEER = 'spec.ingress[0].from[0]';
export const AT_BLOCK = 'spec.ingress[0].from[0].ipBlock';
export const AT_EXPRESSION = 'spec.podSelector.matchExpressions[0]';

export const PORT = 'an integer from 1 to 65535';
const PORT_NAME =
  'a port name: 1 to 15 characters of a-z, 0-9 and single inner "-", with at least one letter';
const CIDR = 'a CIDR with its mask, such as 10.9.8.0/24 or 2001:db8::/64';
export const TEXT = 'a string (quote numbers and booleans)';
const NAME = /^an RFC 1123 subdomain: at most 253 characters/;
const NAMESPACE = /^an RFC 1123 label: at most 63 characters/;
const LABEL_KEY = /^a label key: /;
const LABEL_VALUE = /^a label value: /;

/** What a row expects: the field, what it got, and the rule in words. */
export type Refusal = readonly [field: string, got: unknown, expected: string | RegExp];

/** One branch of a rule: what is refused, with what answer, and the nearest that is accepted. */
interface Row {
  readonly rule: string;
  readonly refused: Json;
  readonly as: Refusal;
  readonly taken: readonly Json[];
}

/** The API server's rules, numbered as in ../shared/knowledge/network-policy-semantics.md. */
export const ROWS: readonly Row[] = [
  {
    rule: 'V-01 a name in capitals',
    refused: meta({ name: 'Model-API' }),
    as: ['metadata.name', 'Model-API', NAME],
    taken: [meta({ name: 'model-api' }), meta({ name: 'model.api' })],
  },
  {
    rule: 'V-01 a name that is too long',
    refused: meta({ name: x(254) }),
    as: ['metadata.name', x(254), NAME],
    taken: [meta({ name: x(253) })],
  },
  {
    rule: 'V-02 an unknown protocol',
    refused: port({ protocol: 'ICMP' }),
    as: [`${AT_PORT}.protocol`, 'ICMP', /^one of TCP, UDP, SCTP/],
    taken: [port({ protocol: 'SCTP' }), port({ protocol: null }), port({})],
  },
  {
    rule: 'V-02 a protocol in lower case',
    refused: port({ protocol: 'udp' }),
    as: [`${AT_PORT}.protocol`, 'udp', 'one of TCP, UDP, SCTP; did you mean UDP?'],
    taken: [port({ protocol: 'UDP' })],
  },
  {
    rule: 'V-02 an empty protocol',
    refused: port({ protocol: '' }),
    as: [`${AT_PORT}.protocol`, '', 'one of TCP, UDP, SCTP'],
    taken: [port({ protocol: undefined })],
  },
  {
    rule: 'V-03 port 0',
    refused: port({ port: 0 }),
    as: [`${AT_PORT}.port`, 0, PORT],
    taken: [port({ port: 1 })],
  },
  {
    rule: 'V-03 port 65536',
    refused: port({ port: 65536 }),
    as: [`${AT_PORT}.port`, 65536, PORT],
    taken: [port({ port: 65535 })],
  },
  {
    rule: 'V-03 a port that is no integer',
    refused: port({ port: 80.5 }),
    as: [`${AT_PORT}.port`, 80.5, PORT],
    taken: [port({ port: 80 })],
  },
  {
    rule: 'V-04 a port name of 16 characters',
    refused: port({ port: x(16) }),
    as: [`${AT_PORT}.port`, x(16), PORT_NAME],
    taken: [port({ port: x(15) })],
  },
  {
    rule: 'V-05 a port name in capitals',
    refused: port({ port: 'HTTP' }),
    as: [`${AT_PORT}.port`, 'HTTP', PORT_NAME],
    taken: [port({ port: 'http' })],
  },
  {
    rule: 'V-05 a port name with an underscore',
    refused: port({ port: 'grpc_web' }),
    as: [`${AT_PORT}.port`, 'grpc_web', PORT_NAME],
    taken: [port({ port: 'grpc-web' })],
  },
  {
    rule: 'V-06 a port number in quotes',
    refused: port({ port: '80' }),
    as: [`${AT_PORT}.port`, '80', `${PORT_NAME}; numbers without quotes`],
    taken: [port({ port: 'p80' }), port({ port: 80 })],
  },
  {
    rule: 'V-06 an empty port name',
    refused: port({ port: '' }),
    as: [`${AT_PORT}.port`, '', PORT_NAME],
    taken: [port({ port: null })],
  },
  {
    rule: 'V-07 a port name with consecutive hyphens',
    refused: port({ port: 'a--b' }),
    as: [`${AT_PORT}.port`, 'a--b', PORT_NAME],
    taken: [port({ port: 'a-b-c' })],
  },
  {
    rule: 'V-08 a port name that starts with a hyphen',
    refused: port({ port: '-a' }),
    as: [`${AT_PORT}.port`, '-a', PORT_NAME],
    taken: [port({ port: '1-a' })],
  },
  {
    rule: 'V-08 a port name that ends with a hyphen',
    refused: port({ port: 'a-' }),
    as: [`${AT_PORT}.port`, 'a-', PORT_NAME],
    taken: [port({ port: 'a-1' })],
  },
  {
    rule: 'V-09 an endPort below port',
    refused: port({ port: 90, endPort: 89 }),
    as: [`${AT_PORT}.endPort`, 89, 'an integer from 90 (port) to 65535'],
    taken: [port({ port: 90, endPort: 90 }), port({ port: 90, endPort: 91 })],
  },
  {
    rule: 'V-10 an endPort of 65536',
    refused: port({ port: 90, endPort: 65536 }),
    as: [`${AT_PORT}.endPort`, 65536, PORT],
    taken: [port({ port: 90, endPort: 65535 })],
  },
  {
    rule: 'V-10 an endPort of 0',
    refused: port({ port: 1, endPort: 0 }),
    as: [`${AT_PORT}.endPort`, 0, PORT],
    taken: [port({ port: 1, endPort: 1 }), port({ port: 1, endPort: null })],
  },
  {
    rule: 'V-11 an endPort beside a name',
    refused: port({ port: 'http', endPort: 90 }),
    as: [`${AT_PORT}.endPort`, 90, 'no endPort, as port is a name'],
    taken: [port({ port: 'http' })],
  },
  {
    rule: 'V-12 an endPort without port',
    refused: port({ protocol: 'TCP', endPort: 90 }),
    as: [`${AT_PORT}.endPort`, 90, 'no endPort, as port is absent'],
    taken: [port({ protocol: 'TCP' }), port({ protocol: 'TCP', endPort: null })],
  },
  {
    rule: 'V-13 an empty peer',
    refused: peer({}),
    as: [AT_PEER, {}, /^a podSelector, a namespaceSelector or an ipBlock/],
    taken: [peer({ podSelector: {} }), peer({ namespaceSelector: {} })],
  },
  {
    rule: 'V-13 a peer whose only selector is null',
    refused: egress({ to: [{ podSelector: null }] }),
    as: ['spec.egress[0].to[0]', { podSelector: null }, /^a podSelector, /],
    taken: [egress({ to: [{ podSelector: null, namespaceSelector: {} }] }), egress({ to: null })],
  },
  {
    rule: 'V-14 an ipBlock beside a podSelector',
    refused: peer({ ipBlock: { cidr: '::/0' }, podSelector: {} }),
    as: [
      AT_PEER,
      { ipBlock: { cidr: '::/0' }, podSelector: {} },
      'either an ipBlock or selectors, not both in one peer',
    ],
    taken: [peer({ ipBlock: { cidr: '::/0' }, podSelector: null })],
  },
  {
    rule: 'V-14 an ipBlock beside a namespaceSelector',
    refused: peer({ ipBlock: { cidr: '::/0' }, namespaceSelector: {} }),
    as: [AT_PEER, { ipBlock: { cidr: '::/0' }, namespaceSelector: {} }, /^either an ipBlock or /],
    taken: [peer({ podSelector: {}, namespaceSelector: {} })],
  },
  {
    rule: 'V-15 an ipBlock without cidr',
    refused: peer({ ipBlock: { except: [] } }),
    as: [`${AT_BLOCK}.cidr`, undefined, CIDR],
    taken: [peer({ ipBlock: { cidr: '10.0.0.0/8' } })],
  },
  {
    rule: 'V-15 an empty cidr',
    refused: block(''),
    as: [`${AT_BLOCK}.cidr`, '', CIDR],
    taken: [block('0.0.0.0/0'), block('::/0')],
  },
  {
    rule: 'V-16 an address without mask',
    refused: block('10.0.0.1'),
    as: [`${AT_BLOCK}.cidr`, '10.0.0.1', CIDR],
    taken: [block('10.0.0.1/32')],
  },
  {
    rule: 'V-16 a mask that is too long',
    refused: block('10.0.0.0/33'),
    as: [`${AT_BLOCK}.cidr`, '10.0.0.0/33', CIDR],
    taken: [block('2001:db8::/33')],
  },
  {
    rule: 'V-16 a byte above 255',
    refused: block('300.0.0.0/8'),
    as: [`${AT_BLOCK}.cidr`, '300.0.0.0/8', CIDR],
    taken: [block('255.0.0.0/8')],
  },
  {
    rule: 'V-16 a byte above 255 at the end of IPv6',
    refused: block('64:ff9b::10.0.0.256/96'),
    as: [`${AT_BLOCK}.cidr`, '64:ff9b::10.0.0.256/96', CIDR],
    taken: [block('64:ff9b::10.0.0.255/128')],
  },
  {
    rule: 'V-16 an exception that is no CIDR',
    refused: block('10.0.0.0/8', '10.1.0.0'),
    as: [`${AT_BLOCK}.except[0]`, '10.1.0.0', CIDR],
    taken: [block('10.0.0.0/8', '10.1.0.0/32')],
  },
  {
    rule: 'V-16 IPv4 mapped into IPv6 (refused from 1.36, ambiguous before)',
    refused: block('::ffff:10.0.0.0/104'),
    as: [`${AT_BLOCK}.cidr`, '::ffff:10.0.0.0/104', CIDR],
    taken: [block('::fffe:10.0.0.0/104')],
  },
  {
    rule: 'V-16 bits beyond the mask (refused from 1.36, masked before)',
    refused: block('10.0.0.1/8'),
    as: [`${AT_BLOCK}.cidr`, '10.0.0.1/8', 'a CIDR without bits set beyond its mask'],
    taken: [block('10.0.0.0/8')],
  },
  {
    rule: 'V-16 leading zeros (refused from 1.36, ambiguous before)',
    refused: block('010.0.0.0/8'),
    as: [`${AT_BLOCK}.cidr`, '010.0.0.0/8', 'a CIDR without leading zeros'],
    taken: [block('10.0.0.0/8')],
  },
  {
    rule: 'V-17 an exception outside the block',
    refused: block('10.0.0.0/8', '10.1.0.0/16', '11.0.0.0/16'),
    as: [`${AT_BLOCK}.except[1]`, '11.0.0.0/16', 'a block inside 10.0.0.0/8 and smaller than it'],
    taken: [block('10.0.0.0/8', '10.1.0.0/16', '10.1.1.0/24')],
  },
  {
    rule: 'V-17 an exception equal to the block',
    refused: block('10.0.0.0/8', '10.0.0.0/8'),
    as: [`${AT_BLOCK}.except[0]`, '10.0.0.0/8', /^a block inside 10\.0\.0\.0\/8 and smaller/],
    taken: [block('10.0.0.0/8', '10.0.0.0/9', '10.128.0.0/9')],
  },
  {
    rule: 'V-17 an exception around the block',
    refused: block('10.0.0.0/8', '0.0.0.0/0'),
    as: [`${AT_BLOCK}.except[0]`, '0.0.0.0/0', /^a block inside /],
    taken: [block('0.0.0.0/0', '10.0.0.0/8')],
  },
  {
    rule: 'V-17 an exception of the other family',
    refused: block('0.0.0.0/0', '2001:db8::/32'),
    as: [`${AT_BLOCK}.except[0]`, '2001:db8::/32', /^a block inside /],
    taken: [block('::/0', '2001:db8::/32')],
  },
  {
    rule: 'V-18 three policy types',
    refused: spec({ policyTypes: ['Ingress', 'Egress', 'Ingress'] }),
    as: ['spec.policyTypes', ['Ingress', 'Egress', 'Ingress'], 'at most two policy types'],
    taken: [spec({ policyTypes: ['Ingress', 'Ingress'] }), spec({ policyTypes: [] })],
  },
  {
    rule: 'V-19 an unknown policy type',
    refused: spec({ policyTypes: ['Ingress', 'Egres'] }),
    as: ['spec.policyTypes[1]', 'Egres', 'one of Ingress, Egress; did you mean Egress?'],
    taken: [spec({ policyTypes: ['Egress'] }), spec({ policyTypes: null })],
  },
  {
    rule: 'V-20 In without values',
    refused: requirement({ key: 'app', operator: 'In' }),
    as: [`${AT_EXPRESSION}.values`, undefined, 'at least one value, as operator is In'],
    taken: [requirement({ key: 'app', operator: 'In', values: [''] })],
  },
  {
    rule: 'V-20 NotIn with a list of no values',
    refused: requirement({ key: 'app', operator: 'NotIn', values: [] }),
    as: [`${AT_EXPRESSION}.values`, [], 'at least one value, as operator is NotIn'],
    taken: [requirement({ key: 'app', operator: 'NotIn', values: ['bert'] })],
  },
  {
    rule: 'V-21 Exists with values',
    refused: requirement({ key: 'app', operator: 'Exists', values: ['bert'] }),
    as: [`${AT_EXPRESSION}.values`, ['bert'], 'no values, as operator is Exists'],
    taken: [requirement({ key: 'app', operator: 'Exists', values: [] })],
  },
  {
    rule: 'V-21 DoesNotExist with values',
    refused: requirement({ key: 'app', operator: 'DoesNotExist', values: [''] }),
    as: [`${AT_EXPRESSION}.values`, [''], 'no values, as operator is DoesNotExist'],
    taken: [requirement({ key: 'app', operator: 'DoesNotExist', values: null })],
  },
  {
    rule: 'V-22 an unknown operator',
    refused: requirement({ key: 'app', operator: 'Equals', values: ['bert'] }),
    as: [`${AT_EXPRESSION}.operator`, 'Equals', 'one of In, NotIn, Exists, DoesNotExist'],
    taken: [requirement({ key: 'app', operator: 'In', values: ['bert'] })],
  },
  {
    rule: 'V-22 no operator',
    refused: requirement({ key: 'app' }),
    as: [`${AT_EXPRESSION}.operator`, undefined, /^one of In, /],
    taken: [requirement({ key: 'app', operator: 'Exists' })],
  },
  {
    rule: 'V-22 an operator in lower case',
    refused: requirement({ key: 'app', operator: 'exists' }),
    as: [`${AT_EXPRESSION}.operator`, 'exists', /; did you mean Exists\?$/],
    taken: [],
  },
  {
    rule: 'V-23 a key in matchLabels that is no label key',
    refused: labels({ 'app!': 'bert' }),
    as: ['spec.podSelector.matchLabels["app!"]', 'app!', LABEL_KEY],
    taken: [labels({ 'app.kubernetes.io/name': 'bert' }), labels({ [`${x(253)}/${x(63)}`]: '' })],
  },
  {
    rule: 'V-23 a prefix that is too long',
    refused: labels({ [`${x(254)}/a`]: '' }),
    as: [`spec.podSelector.matchLabels["${x(254)}/a"]`, `${x(254)}/a`, LABEL_KEY],
    taken: [],
  },
  {
    rule: 'V-23 a requirement without key',
    refused: requirement({ operator: 'Exists' }),
    as: [`${AT_EXPRESSION}.key`, undefined, LABEL_KEY],
    taken: [],
  },
  {
    rule: 'V-23 a requirement’s key that is no label key',
    refused: peer({ namespaceSelector: { matchExpressions: [{ key: 'a/', operator: 'Exists' }] } }),
    as: [`${AT_PEER}.namespaceSelector.matchExpressions[0].key`, 'a/', LABEL_KEY],
    taken: [],
  },
  {
    rule: 'V-24 a value in matchLabels that is no label value',
    refused: labels({ app: 'bert!', 'k8s.io/x': '' }),
    as: ['spec.podSelector.matchLabels.app', 'bert!', LABEL_VALUE],
    taken: [labels({ app: 'Bert_1.0' }), labels({ app: '' }), labels({ app: x(63) })],
  },
  {
    rule: 'V-24 a value that is too long',
    refused: peer({ podSelector: { matchLabels: { app: x(64) } } }),
    as: [`${AT_PEER}.podSelector.matchLabels.app`, x(64), LABEL_VALUE],
    taken: [],
  },
  {
    rule: 'V-24 a value of In that is no label value',
    refused: requirement({ key: 'app', operator: 'In', values: ['bert', 'a b'] }),
    as: [`${AT_EXPRESSION}.values[1]`, 'a b', LABEL_VALUE],
    taken: [requirement({ key: 'app', operator: 'In', values: ['bert', 'a.b'] })],
  },
  {
    rule: 'no name',
    refused: { ...manifest, metadata: { namespace: 'llm-serving' } },
    as: ['metadata.name', undefined, 'a name'],
    taken: [{ ...manifest, metadata: { generateName: 'model-api-' } }],
  },
  {
    rule: 'no metadata',
    refused: { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
    as: ['metadata.name', undefined, 'a name'],
    taken: [{ ...manifest, metadata: { name: 'a' } }],
  },
  {
    rule: 'an empty name',
    refused: meta({ name: '' }),
    as: ['metadata.name', undefined, 'a name'],
    taken: [meta({ name: 'a' })],
  },
  {
    rule: 'a prefix of names that no name starts with',
    refused: meta({ generateName: 'Model-' }),
    as: ['metadata.generateName', 'Model-', NAME],
    taken: [meta({ generateName: 'model-' })],
  },
  {
    rule: 'a namespace with a dot',
    refused: meta({ namespace: 'llm.serving' }),
    as: ['metadata.namespace', 'llm.serving', NAMESPACE],
    taken: [meta({ namespace: undefined }), meta({ namespace: x(63) })],
  },
  {
    rule: 'a namespace that is too long',
    refused: meta({ namespace: x(64) }),
    as: ['metadata.namespace', x(64), NAMESPACE],
    taken: [],
  },
  {
    rule: 'a label of the policy whose key is no label key',
    refused: meta({ labels: { 'team/': 'vision' } }),
    as: ['metadata.labels["team/"]', 'team/', LABEL_KEY],
    taken: [meta({ labels: { 'acme.io/team': 'vision' } }), meta({ labels: null })],
  },
  {
    rule: 'a label of the policy whose value is no label value',
    refused: meta({ labels: { team: 'vision team' } }),
    as: ['metadata.labels.team', 'vision team', LABEL_VALUE],
    taken: [meta({ labels: { team: 'vision-team' } })],
  },
  {
    rule: 'an annotation whose key is no key',
    refused: meta({ annotations: { 'why not': '' } }),
    as: ['metadata.annotations["why not"]', 'why not', LABEL_KEY],
    taken: [meta({ annotations: { 'Acme.IO/Why': 'any text, of any length\n' } })],
  },
  {
    rule: 'annotations of more than 256 KiB, keys counted, in bytes',
    refused: meta({ annotations: { why: 'ä'.repeat(131_071) } }),
    as: [
      'metadata.annotations',
      '262145 bytes',
      'at most 262144 bytes of keys and values together',
    ],
    taken: [meta({ annotations: { wh: 'ä'.repeat(131_071) } })],
  },
  {
    rule: 'another version of the API',
    refused: { ...manifest, apiVersion: 'networking.k8s.io/v1beta1' },
    as: ['apiVersion', 'networking.k8s.io/v1beta1', 'one of networking.k8s.io/v1'],
    taken: [manifest],
  },
  {
    rule: 'no version',
    refused: { kind: 'NetworkPolicy', metadata },
    as: ['apiVersion', undefined, 'one of networking.k8s.io/v1'],
    taken: [],
  },
  {
    rule: 'another kind',
    refused: { ...manifest, kind: 'networkpolicy' },
    as: ['kind', 'networkpolicy', 'one of NetworkPolicy; did you mean NetworkPolicy?'],
    taken: [],
  },
];
