/**
 * Clients outside the cluster, as pods see them: their own addresses where the way keeps them, else
 * those of a node or a load balancer. So a rule about addresses decides for certain only where it says
 * the same of all of them.
 */
import type { Protocol } from '../../values/port';
import type { Block, Interval } from '../addresses';
import {
  blockOf,
  cidrsOf,
  commonIntervals,
  everyAddress,
  intervalsWithout,
  mergeIntervals,
} from '../addresses';
import type { AddressVerdict } from '../external';
import { addressVerdicts } from '../external';
import type { Because, Layer } from '../layer';
import { anyWord } from '../layer';
import { listed } from '../rule-words';
import { sideLayer } from '../side';
import type { Fact } from '../verdict';
import type { World } from '../world';
import type { Step } from './step';

/** No client has such an address: this host, link-local, multicast, unspecified. */
const NOBODY = [
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/3'],
  ...['::/127', 'fe80::/10', 'ff00::/8'],
];

export interface Arriving {
  readonly place: number;
  readonly protocol: Protocol;
  readonly port: number;
  readonly keepsClientAddress: boolean;
  /** Absent: whoever comes. */
  readonly limits?: ClientLimits;
}

/** Clients that a load balancer takes; it may have node ports beside it, which take everybody. */
export interface ClientLimits {
  readonly cidrs: readonly string[];
  readonly by: readonly Because[];
}

/** What a load balancer and network policy say of clients to a port of some pods. */
export function clientsReach(world: World, arriving: Arriving): Step {
  const { limits, keepsClientAddress } = arriving;
  const step = policiesSay(world, arriving);
  if (limits === undefined || step.verdict !== 'ALLOWED') return step;
  const { cidrs, by } = limits;
  const ranges = cidrs.flatMap((cidr) => blockOf(cidr) ?? []);
  if (ranges.length < cidrs.length) {
    return { verdict: 'UNKNOWN', says: 'source ranges are no CIDRs', by, facts: ['route-unclear'] };
  }
  const limited = keepsClientAddress ? policiesSay(world, arriving, ranges) : step;
  const taken = `the load balancer takes clients of ${listed(cidrs)} only`;
  if (limited.verdict === 'ALLOWED') {
    return { ...limited, says: `${limited.says}; ${taken}`, by: [...limited.by, ...by] };
  }
  // whoever comes by a node's port is not limited
  const says = `${taken}, of whom none certainly passes: ${limited.says}`;
  const facts = [...new Set([...limited.facts, 'client-address'])].sort();
  return { verdict: 'UNKNOWN', says, by: [...by, ...limited.by], facts };
}

/** `ranges`: of these clients alone. */
function policiesSay(world: World, arriving: Arriving, ranges?: readonly Block[]): Step {
  const { place } = arriving;
  const { network } = world.reach;
  const verdicts = addressVerdicts(world.reach.pool, network.gateOf('ingress', { place }));
  const { families } = network.lookOf(place);
  const own = families.length === 0 ? ([4, 6] as const) : families;
  const asked = own.filter((family) => ranges?.some((one) => one.family === family) ?? true);
  const steps = asked.map((family) =>
    ofFamily(world, arriving, {
      sources: within(sourcesOf(world, family), family, ranges),
      verdicts: verdicts.filter((one) => one.family === family),
    }),
  );
  // a client speaks one family: it takes the one that works
  const word = anyWord(steps.map(({ verdict }) => verdict));
  return steps.find(({ verdict }) => verdict === word) ?? NO_FAMILY;
}

const NO_FAMILY: Step = { verdict: 'UNKNOWN', says: 'no address', by: [], facts: ['pod-address'] };

function within(
  sources: readonly Interval[],
  family: 4 | 6,
  ranges: readonly Block[] | undefined,
): readonly Interval[] {
  if (ranges === undefined) return sources;
  const own = ranges.flatMap((one) => (one.family === family ? one.intervals : []));
  return commonIntervals(sources, mergeIntervals(own));
}

interface OfFamily {
  readonly sources: readonly Interval[];
  readonly verdicts: readonly AddressVerdict[];
}

function ofFamily(world: World, arriving: Arriving, { sources, verdicts }: OfFamily): Step {
  const { protocol, port, keepsClientAddress } = arriving;
  const parts = verdicts.flatMap(({ family, intervals, verdict }) => {
    const common = commonIntervals(intervals, sources);
    const [first] = common;
    if (first === undefined) return [];
    return [{ family, common, first, verdict, word: world.word(verdict, protocol, port) }];
  });
  const [any] = parts;
  if (any === undefined) return NO_FAMILY;
  const layer = sideOf(world, arriving, any);
  if (parts.every(({ word }) => word === any.word)) return stepOf(layer, any.word);
  const some = parts.filter(({ word }) => word === 'ALLOWED');
  const blocks = some.flatMap(({ family, common }) =>
    common.flatMap((one) => cidrsOf(family, one)),
  );
  const only = blocks.length === 0 ? 'some addresses' : listed(blocks);
  const shown = some[0] ?? any;
  const facts = parts.flatMap(({ verdict, word }) => (word === 'UNKNOWN' ? verdict.facts : []));
  const { by } = sideOf(world, arriving, shown);
  if (keepsClientAddress && some.length > 0) {
    return { verdict: 'ALLOWED', says: `only from ${only}`, by, facts: [] };
  }
  const missing: readonly Fact[] = keepsClientAddress ? facts : [...facts, 'client-address'];
  return {
    ...{ verdict: 'UNKNOWN', says: `from ${only} as the pods see it`, by },
    facts: [...new Set(missing)].sort(),
  };
}

function sideOf(
  world: World,
  { place, protocol, port }: Arriving,
  { family, first }: { readonly family: 4 | 6; readonly first: Interval },
): Layer {
  const peer = { family, value: first[0] };
  return sideLayer(world, { place, direction: 'ingress', peer, protocol, port });
}

function stepOf({ says, by, facts }: Layer, verdict: Step['verdict']): Step {
  return { verdict, says, by, facts: verdict === 'UNKNOWN' ? facts : [] };
}

/** Addresses that connections from outside may have where they arrive. */
function sourcesOf({ cluster: { profile } }: World, family: 4 | 6): readonly Interval[] {
  const { podRanges = [], serviceRanges = [], metadataAddresses } = profile;
  const none = [...NOBODY, ...podRanges, ...serviceRanges, ...metadataAddresses].flatMap((text) => {
    const block = blockOf(text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`);
    return block?.family === family ? block.intervals : [];
  });
  return intervalsWithout([everyAddress(family)], none);
}
