/**
 * Is what the engine calls sure, denied or unknown so in every world that the facts allow? Few random
 * questions to each of many random clusters, asked of the engine and of the naive evaluator.
 *
 * Sure: every completion allows. Denied: none does. Unknown: some do, some do not; where all agree, the
 * unknown is needless, which is counted, because it is a weakness and no error.
 */
import type { End } from '../../src/engine/network';
import { addressOf } from '../../src/engine/addresses';
import type { PairVerdict } from '../../src/engine/pair';
import { isNothing, ofNetwork } from '../../src/engine/pair';
import { Reach } from '../../src/engine/reach';
import type { Protocol } from '../../src/values/port';
import { allowed } from '../naive/cluster-network-policy';
import type { Connection } from '../naive/network-policy';
import { isPod } from '../naive/network-policy';
import type { Endpoint, Pod } from '../naive/world';
import type { Features } from './dice';
import { Dice } from './dice';
import { complete } from './l4-completion';
import { ADDRESSES, PORTS, protocol } from './l4-pools';
import type { Partial4 } from './l4-world';
import { clusterOf, partialWorld } from './l4-world';

/** What was met on the way. */
export class Tally {
  worlds = 0;
  questions = 0;
  readonly features: Features = new Map();
  readonly answers: Features = new Map();
  /** Unknown answers that every completion agrees on, by fact. */
  readonly needless: Features = new Map();

  count(map: Features, key: string): void {
    map.set(key, (map.get(key) ?? 0) + 1);
  }
}

const QUESTIONS = 6;
/** Completions for an answer that must hold in all of them. */
const FEW = 2;
/** Completions until both answers were met. */
const MANY = 60;

/** One world by its seed; throws what is wrong. */
export function judge(seed: number, tally: Tally): void {
  const dice = new Dice(seed, tally.features);
  const partial = partialWorld(dice);
  tally.worlds += 1;
  const asked = new Asked(partial);
  for (let count = 0; count < QUESTIONS; count += 1) {
    const question = asked.question(dice);
    if (question === undefined) continue;
    tally.questions += 1;
    const wrong = asked.wrong(dice, question, tally);
    if (wrong !== undefined) throw new Error(report(seed, partial, question, wrong));
  }
  if (tally.worlds % 8 !== 0) return;
  const wrong = asked.wrongPairs();
  if (wrong !== undefined) throw new Error(report(seed, partial, wrong));
}

function report(seed: number, partial: Partial4, ...facts: readonly unknown[]): string {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_, own: unknown) => (own instanceof Set ? [...own] : own));
  const { world, ...unknown } = partial;
  const parts = Object.values(world).flatMap((part) => (Array.isArray(part) ? part : [part]));
  return [`seed ${String(seed)}`, ...[...parts, unknown, ...facts].map(text)].join('\n');
}

class Asked {
  private readonly reach: Reach;
  private readonly places: ReadonlyMap<Pod, number>;

  constructor(private readonly partial: Partial4) {
    const { cluster, pods } = clusterOf(partial);
    this.reach = new Reach(cluster);
    this.places = new Map(
      this.reach.network.compilation.pods.classes.flatMap(({ pods: facts, index }) => {
        const pod = pods.get(facts);
        return pod === undefined ? [] : [[pod, index] as const];
      }),
    );
  }

  question(dice: Dice): Connection | undefined {
    const pods = this.partial.world.pods;
    const [from, to] = [this.end(dice), this.end(dice)];
    const other = dice.from(pods);
    if (other === undefined) return undefined;
    const ends: [Endpoint, Endpoint] = isPod(from) || isPod(to) ? [from, to] : [from, other];
    // a pod to itself is no question; to another pod of its class it is
    if (ends[0] === ends[1] && isPod(to)) {
      if (to.ips?.length) return undefined;
      ends[1] = { ...to, name: `${to.name}-2` };
      dice.has('two pods of one class', to);
    }
    const kinds = ends.map((end) => (isPod(end) ? 'pod' : 'address')).join(' to ');
    dice.has(kinds, kinds);
    return [...ends, protocol(dice), dice.pick(PORTS)];
  }

  private end(dice: Dice): Endpoint {
    if (dice.chance(0.85)) {
      const pod = dice.from(this.partial.world.pods);
      if (pod !== undefined) return pod;
    }
    if (dice.chance(0.6)) return { ip: dice.pick(ADDRESSES.outside) };
    return dice.has('a node', { ip: dice.pick(ADDRESSES.nodes4) });
  }

  /** What is wrong with the engine's answer. */
  wrong(dice: Dice, question: Connection, tally: Tally): object | undefined {
    const [from, to, protocolName, port] = question;
    const [a, b] = [this.endOf(from), this.endOf(to)];
    const verdict = this.reach.network.between(a, b);
    const { pool } = this.reach;
    const has = (id: number): boolean => pool.has(id, protocolName as Protocol, port);
    const answer = has(verdict.sure) ? 'allowed' : has(verdict.unsure) ? 'unknown' : 'denied';
    tally.count(tally.answers, answer);
    if ('place' in a && 'place' in b) {
      const other = this.reach.between(a.place, b.place);
      if (!isSame(ofNetwork(verdict), other)) return { network: verdict, reach: other };
    }
    const seen = new Set<boolean>();
    const draws = answer === 'unknown' ? MANY : FEW;
    for (let count = 0; count < draws && seen.size < 2; count += 1) {
      const completion = complete(dice, this.partial, question);
      const naive = allowed(completion.world, ...completion.connection);
      for (const each of naive === 'undefined' ? [true, false] : [naive]) seen.add(each);
      if (answer !== 'unknown' && (seen.size > 1 || seen.has(answer === 'denied'))) {
        const { world, connection } = completion;
        const { namespaces, hostPods, resolves } = world;
        return { answer, naive, facts: verdict.facts, connection, namespaces, hostPods, resolves };
      }
    }
    if (answer === 'unknown') {
      for (const fact of verdict.facts) tally.count(tally.answers, `unknown for ${fact}`);
      if (seen.size < 2) {
        tally.count(tally.needless, `${String([...seen][0])} ${verdict.facts.join('+')}`);
      }
    }
    return undefined;
  }

  /** The list holds exactly the pairs that are not denied, as each of them is answered. */
  wrongPairs(): object | undefined {
    const { network } = this.reach;
    const listed = new Map(
      [...this.reach.pairs()].map((pair) => [`${String(pair.from)} ${String(pair.to)}`, pair]),
    );
    for (const from of this.places.values()) {
      for (const to of this.places.values()) {
        const verdict = ofNetwork(network.between({ place: from }, { place: to }));
        const pair = listed.get(`${String(from)} ${String(to)}`);
        const denied = isNothing(verdict);
        if (denied ? pair !== undefined : pair === undefined || !isSame(pair.verdict, verdict)) {
          return { from, to, verdict, listed: pair?.verdict };
        }
      }
    }
    return undefined;
  }

  private endOf(end: Endpoint): End {
    if (isPod(end)) {
      const own = this.partial.world.pods.find(
        ({ name }) => name === end.name || `${name}-2` === end.name,
      );
      return { place: (own && this.places.get(own)) ?? -1 };
    }
    const address = addressOf(end.ip);
    if (address === undefined) throw new Error(`${end.ip} is no address`);
    return address;
  }
}

function isSame(a: PairVerdict, b: PairVerdict): boolean {
  const text = ({ sure, unknown }: PairVerdict): string => JSON.stringify([sure, unknown]);
  return text(a) === text(b);
}
