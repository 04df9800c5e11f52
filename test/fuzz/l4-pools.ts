/**
 * What random clusters are made of: few labels, ports and addresses, so that rules and pods meet, and
 * every edge of a rule is somebody's.
 */
import type { Selector } from '../naive/world';
import type { Dice } from './dice';

export const NAMESPACES = ['ml', 'data', 'edge', 'ops'] as const;

const POD_LABELS = { app: ['bert', 'mlflow'], tier: ['gpu', ''] } as const;
const NAMESPACE_LABELS = { team: ['nlp', 'vision'], zone: ['prod'] } as const;
const NAME = 'kubernetes.io/metadata.name';

type Pool = Readonly<Record<string, readonly [string, ...string[]]>>;

/** Each key of a pool or not, with one of its values. */
export function labels(dice: Dice, of: 'pods' | 'namespaces'): Record<string, string> {
  const pool: Pool = of === 'pods' ? POD_LABELS : NAMESPACE_LABELS;
  return Object.fromEntries(
    Object.entries(pool).flatMap(([key, values]) =>
      dice.chance(0.6) ? [[key, dice.pick(values)]] : [],
    ),
  );
}

export function selector(dice: Dice, of: 'pods' | 'namespaces'): Selector {
  if (dice.chance(0.25)) return dice.has('selector {}', {});
  if (of === 'namespaces' && dice.chance(0.25)) {
    const own = dice.pick(NAMESPACES);
    if (dice.chance(0.5)) return { matchLabels: { [NAME]: own } };
    return { matchExpressions: [{ key: NAME, operator: 'NotIn', values: [own] }] };
  }
  const pool: Pool = of === 'pods' ? POD_LABELS : NAMESPACE_LABELS;
  const own = Object.entries(pool);
  const [key, values] = own[dice.below(own.length)] ?? ['app', ['bert']];
  if (dice.chance(0.4)) {
    return dice.has('selector matchLabels', { matchLabels: { [key]: dice.pick(values) } });
  }
  const operator = dice.pick(['In', 'NotIn', 'Exists', 'DoesNotExist']);
  const listed = operator === 'In' || operator === 'NotIn' ? { values: [dice.pick(values)] } : {};
  const matchExpressions = [dice.has(`selector ${operator}`, { key, operator, ...listed })];
  if (dice.chance(0.8)) return { matchExpressions };
  const [other = 'app', [value] = ['bert']] = own[dice.below(own.length)] ?? [];
  return dice.has('selector of both kinds', { matchExpressions, matchLabels: { [other]: value } });
}

/** Addresses by who has them. */
export const ADDRESSES = {
  pods4: ['10.1.0.1', '10.1.0.2', '10.1.1.1', '10.2.0.1'],
  pods6: ['fd00::1', 'fd00::2', 'fd00:1::1', 'fd01::1'],
  nodes4: ['192.0.2.1', '192.0.2.2'],
  nodes6: ['fd02::1', 'fd02::2'],
  outside: ['203.0.113.5', '203.0.113.77', '169.254.169.254', '2001:db8::5', '10.1.0.9'],
} as const;

/** CIDRs with exceptions that lie in them. */
export const BLOCKS: readonly [cidr: string, ...except: string[]][] = [
  ['0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/24', '169.254.169.254/32', '192.0.2.1/32'],
  ['10.0.0.0/8', '10.1.0.0/16', '10.1.0.0/24'],
  ['10.1.0.0/16', '10.1.0.0/24', '10.1.0.2/32', '10.1.1.1/32'],
  ['10.1.0.0/24', '10.1.0.2/32', '10.1.0.0/31'],
  ['192.0.2.0/24', '192.0.2.2/32'],
  ['203.0.113.0/24', '203.0.113.64/26'],
  ['::/0', 'fd00::/8', 'fd00::2/128', 'fd02::1/128'],
  ['fd00::/16', 'fd00::/32', 'fd00::2/128'],
  ['fd00::/32', 'fd00::1/128', 'fd00::/127'],
  ['fd02::/64', 'fd02::1/128'],
  ['2001:db8::/32', '2001:db8::/64'],
];

export const PORT_NAMES = ['http', 'grpc', 'metrics'] as const;
export const PORTS = [80, 81, 8080, 8081, 8090, 8091, 1, 65535] as const;
export const RANGES = [
  [80, 81],
  [8080, 8090],
  [1, 65535],
  [8081, 65535],
  [81, 8080],
] as const;

export function protocol(dice: Dice): 'TCP' | 'UDP' | 'SCTP' {
  if (dice.chance(0.6)) return 'TCP';
  return dice.chance(0.6) ? 'UDP' : dice.has('SCTP', 'SCTP');
}
