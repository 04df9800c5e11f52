/**
 * Does istiod's own validation accept what we write, and refuse what we say it refuses?
 *
 * FUZZ_RUNS is the number of objects with a mistake, FUZZ_SEED repeats a run.
 */
import { isIstioObject } from '../../../src/values/istio';
import { Dice } from '../../fuzz/dice';
import { describeEngine, needsGo, needsShared } from '../harness/needs';
import { Tally } from '../harness/tally';
import type { Written } from '../written/corpus';
import { writtenByExamples, writtenByMeshStories, writtenByStories } from '../written/corpus';
import { ELSEWHERE, UNWISE } from './agreed';
import { basesByKind } from './bases';
import type { Mutant } from './mutants';
import { mutant } from './mutants';
import { ours, theirs } from './webhook';

const ENGINE = 'istio-validation';
const OBJECTS = Number(process.env['FUZZ_RUNS'] ?? 10_000);
const FIXED_SEED = 6;
const freshSeed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 0x7fff_ffff);

describeEngine(ENGINE, [needsGo, needsShared], () => {
  async function expectAccepted(part: string, written: readonly Written[]): Promise<void> {
    const objects = written.filter(({ object }) => isIstioObject(object));
    const tally = new Tally(ENGINE, part);
    const answers = await theirs(objects.map(({ object }) => object));
    objects.forEach(({ source, object, text }, index) => {
      const { verdict = 'refused', message = '' } = answers[index] ?? {};
      const cell = `${source}: ${String(object['kind'])}`;
      tally.compare(cell, { ours: 'accepted', theirs: verdict }, () => `${message}\n${text}`);
    });
    tally.close();
  }

  test('accepts what the examples write, without a warning', async () => {
    await expectAccepted('examples', writtenByExamples());
  });

  test('accepts what random platforms write, without a warning', async () => {
    const stories = writtenByStories(80, freshSeed);
    const mesh = writtenByMeshStories(200, freshSeed);
    await expectAccepted(`stories of seed ${String(freshSeed)}`, [...stories, ...mesh]);
  });

  test.each([
    ['with the same mistakes each time', FIXED_SEED],
    ['with mistakes that no test saw before', freshSeed],
  ])('judges objects as we do, %s', async (_, seed) => {
    const objects = mutants(seed);
    const answers = await theirs(objects.map(({ object }) => object));
    const tally = new Tally(ENGINE, `${String(OBJECTS)} objects of FUZZ_SEED=${String(seed)}`);
    const seen = new Map<string, number>();
    objects.forEach(({ what, object }, index) => {
      const [own, istio] = [ours(object), answers[index]];
      if (own === undefined || istio === undefined) {
        tally.skip('the CRD refuses it before');
        return;
      }
      const agreed = [...UNWISE, ...ELSEWHERE].find(({ holds }) => holds(own, istio));
      if (own.verdict !== istio.verdict && agreed !== undefined) {
        tally.skip(agreed.name);
        return;
      }
      const kind = `${String(object['kind'])} ${istio.verdict}`;
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      tally.compare(what, { ours: own.verdict, theirs: istio.verdict }, () =>
        [`we: ${own.message}`, `istiod: ${istio.message}`, JSON.stringify(object)].join('\n'),
      );
    });
    tally.close();
    expect([...seen.keys()].filter((kind) => kind.endsWith('refused')).length).toBeGreaterThan(8);
  });

  test('an object that only one of them gets to see is noticed', async () => {
    const good = writtenByExamples().find(({ object }) => object['kind'] === 'AuthorizationPolicy');
    const bad = {
      ...good?.object,
      spec: { rules: [{ when: [{ key: 'source.foo', values: ['x'] }] }] },
    };
    const [answer] = await theirs([bad]);
    expect([ours(good?.object ?? {})?.verdict, answer?.verdict]).toEqual(['accepted', 'refused']);
  });
});

function mutants(seed: number): Mutant[] {
  const dice = new Dice(seed);
  const kinds = [...basesByKind().values()];
  return Array.from({ length: OBJECTS }, () => {
    const base = dice.from(dice.from(kinds) ?? []);
    if (base === undefined) throw new Error('a kind without an object to start from');
    return mutant(dice, base);
  });
}
