/**
 * Load balancing of a DestinationRule: algorithms, hashing, localities.
 *
 * Sources: istio/istio:pkg/config/validation/validation.go (validateLoadBalancer),
 * agent/validation.go (ValidateLocalityLbSetting, ValidateZoneAwareLbSetting)
 */
import { checkDuration, parseDuration } from './duration';
import type { Field } from './field';
import {
  BOOLEAN,
  DOUBLE,
  DURATION,
  TEXT,
  TEXTS,
  UINT32,
  choice,
  list,
  mapOf,
  nullable,
  object,
} from './shape';

const SIZE = { type: 'integer', min: 0 } as const;

const CONSISTENT_HASH = object(
  {
    httpCookie: object(
      {
        attributes: list(object({ name: TEXT, value: TEXT }, { required: ['name'] })),
        name: TEXT,
        path: TEXT,
        ttl: TEXT,
      },
      { required: ['name'] },
    ),
    httpHeaderName: TEXT,
    httpQueryParameterName: TEXT,
    maglev: object({ tableSize: SIZE }),
    minimumRingSize: SIZE,
    ringHash: object({ minimumRingSize: SIZE }),
    useSourceIp: BOOLEAN,
  },
  {
    exclusive: [
      ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'],
      ['ringHash', 'maglev'],
    ],
  },
);

export const LOAD_BALANCER = object(
  {
    consistentHash: CONSISTENT_HASH,
    localityLbSetting: object({
      distribute: list(object({ from: TEXT, to: mapOf(UINT32) })),
      enabled: nullable(BOOLEAN),
      failover: list(object({ from: TEXT, to: TEXT })),
      failoverPriority: TEXTS,
    }),
    simple: choice(
      'UNSPECIFIED',
      'LEAST_CONN',
      'RANDOM',
      'PASSTHROUGH',
      'ROUND_ROBIN',
      'LEAST_REQUEST',
    ),
    warmup: object(
      {
        aggression: nullable({ ...DOUBLE, min: 0 }),
        duration: DURATION,
        minimumPercent: nullable({ ...DOUBLE, min: 0, max: 100 }),
      },
      { required: ['duration'] },
    ),
    warmupDurationSecs: DURATION,
  },
  { exclusive: [['simple', 'consistentHash']] },
);

const TOPOLOGY_LABELS = [
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
  'topology.istio.io/subzone',
];

const MAX_TABLE_SIZE = 5000011;

/** Settings, and whether the policy beside them ejects outliers, without which nothing fails over. */
export function checkLoadBalancer(settings: Field, outlierDetection: Field): void {
  if (!settings.isSet) return;
  const [locality, zoneAware] = [
    settings.at('localityLbSetting'),
    settings.at('zoneAwareLbSetting'),
  ];
  if (locality.isSet && zoneAware.isSet) {
    zoneAware.refuse('localityLbSetting or zoneAwareLbSetting, not both');
  }
  checkConsistentHash(settings.at('consistentHash'));
  checkLocality(locality, outlierDetection);
  checkZoneAware(zoneAware, outlierDetection);
  checkWarmup(settings.at('warmup'));
}

export function checkLocality(setting: Field, outlierDetection: Field): void {
  const [distribute, failover] = [setting.at('distribute'), setting.at('failover')];
  if (distribute.items.length > 0 && failover.items.length > 0) {
    setting.refuse('distribute or failover, not both');
    return;
  }
  for (const priority of setting.at('failoverPriority').items) {
    if (failover.items.length > 0 && TOPOLOGY_LABELS.includes(priority.text)) {
      priority.refuse('a label other than region, zone and subzone beside failover');
    }
  }
  for (const entry of distribute.items) checkDistribution(entry.at('to'));
  checkLocalities(distribute.items.map(localityOfSource));
  checkFailover(setting, outlierDetection);
}

function checkZoneAware(setting: Field, outlierDetection: Field): void {
  for (const priority of setting.at('failoverPriority').items) {
    if (TOPOLOGY_LABELS.includes(priority.text)) {
      priority.refuse('a label other than region, zone and subzone: Envoy orders those itself');
    }
  }
  checkFailover(setting, outlierDetection);
}

function checkFailover(setting: Field, outlierDetection: Field): void {
  const failover = setting.at('failover').items;
  const priorities = setting.at('failoverPriority').items;
  if (failover.length + priorities.length > 0 && !outlierDetection.isSet) {
    setting.warn('outlierDetection: without it nothing fails over');
  }
  for (const entry of failover) {
    const ends = [entry.at('from').text, entry.at('to').text];
    if (ends[0] === ends[1]) entry.refuse('two different regions');
    if (ends.some((end) => /[/*]/.test(end))) entry.refuse('regions, without "/" and "*"');
  }
}

/** Weights of one locality's traffic: 100 in total. */
function checkDistribution(to: Field): void {
  let total = 0;
  for (const [, weight] of to.entries) {
    if (weight.number < 1 || weight.number > 100) weight.refuse('a weight from 1 to 100');
    total += weight.number;
  }
  if (total !== 100) to.refuse('weights with a sum of 100', total);
  checkLocalities(to.entries);
}

/** `region/zone/subzone`, `*` only at the end, and none that an earlier one covers. */
function checkLocalities(localities: readonly (readonly [string, Field])[]): void {
  const seen: (readonly string[])[] = [];
  for (const [locality, field] of localities) {
    // Go splits into three at most: further slashes belong to the subzone
    const [region = '', zone, ...subzone] = locality.split('/');
    const parts = [region, zone, subzone.length > 0 ? subzone.join('/') : undefined].filter(
      (part) => part !== undefined,
    );
    if (parts.includes('') || !/^[^*]*\*?$/.test(locality)) {
      field.refuse('region/zone/subzone without empty part, "*" only at the end', locality);
    } else if (seen.some((other) => overlap(other, parts))) {
      field.refuse('a locality that no other covers', locality);
    }
    seen.push(parts);
  }
}

function localityOfSource(entry: Field): readonly [string, Field] {
  const from = entry.at('from');
  return [from.text, from];
}

function overlap(earlier: readonly string[], later: readonly string[]): boolean {
  const depth = Math.min(earlier.length, later.length);
  return earlier.slice(0, depth).every((part, index) => part === '*' || part === later[index]);
}

function checkConsistentHash(hash: Field): void {
  const [cookie, ringSize, maglev] = [
    hash.at('httpCookie'),
    hash.at('minimumRingSize'),
    hash.at('maglev'),
  ];
  if (cookie.isSet) checkCookie(cookie);
  if (ringSize.number !== 0) {
    ringSize.warn('ringHash.minimumRingSize: this field is deprecated');
    if (hash.present(['maglev', 'ringHash']).length > 0) {
      ringSize.refuse('minimumRingSize, or maglev or ringHash, not both');
    }
  }
  if (maglev.isSet && !isTableSize(maglev.at('tableSize').number)) {
    maglev.at('tableSize').refuse(`a prime number below ${String(MAX_TABLE_SIZE)}`);
  }
}

function checkCookie(cookie: Field): void {
  if (cookie.at('name').text === '') cookie.at('name').refuse('the name of the cookie');
  const ttl = cookie.at('ttl');
  if (ttl.isSet && parseDuration(ttl.text) === undefined) ttl.refuse('a duration such as 10s');
  const seen = new Set<string>();
  for (const attribute of cookie.at('attributes').items) {
    const name = attribute.at('name');
    if (name.text === '') name.refuse('the name of an attribute');
    else if (seen.has(name.text)) name.refuse('a name that no attribute before it has');
    seen.add(name.text);
  }
}

function checkWarmup(warmup: Field): void {
  if (!warmup.isSet) return;
  if (!warmup.at('duration').isSet) warmup.at('duration').refuse('a duration');
  checkDuration(warmup.at('duration'));
  const [percent, aggression] = [warmup.at('minimumPercent'), warmup.at('aggression')];
  if (percent.number > 100) percent.refuse('at most 100');
  if (aggression.isSet && aggression.number <= 0) aggression.refuse('a number above 0');
}

/** Envoy's own test, which takes 1 for a prime. */
function isTableSize(size: number): boolean {
  if (size < 1 || size >= MAX_TABLE_SIZE) return false;
  if (size < 4) return true;
  if (size % 2 === 0) return false;
  for (let factor = 3; factor * factor <= size; factor += 2) {
    if (size % factor === 0) return false;
  }
  return true;
}
