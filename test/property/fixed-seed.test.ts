import { describeStories } from './what-is-written';

describe('what is written, for the same random platforms each time,', () => {
  describeStories({ seed: 20_261_121 });
});
