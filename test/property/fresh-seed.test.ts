import { describeStories } from './what-is-written';

const { FUZZ_SEED, FUZZ_PATH } = process.env;
const seed = FUZZ_SEED === undefined ? Date.now() % 2 ** 31 : Number(FUZZ_SEED);
process.stdout.write(`test/property/fresh-seed: FUZZ_SEED=${String(seed)}\n`);

describe('what is written, for random platforms that no test saw before,', () => {
  describeStories({ seed, path: FUZZ_PATH });
});
