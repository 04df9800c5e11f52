import type { DiffResult } from '../../../src/engine/result';
import { diff } from '../../report/results';
import { cli, inFolder } from '../fake';

inFolder();

const { changes } = diff();
const differs = (kept: DiffResult['changes']) => ({
  analysis: { diff: () => diff({ changes: kept }) },
});

describe('diff', () => {
  it.each([
    ['a widened pair', changes.slice(0, 1), [], 1],
    ['a narrowed pair', changes.slice(1), [], 1],
    ['no difference', [], [], 0],
    ['a widened pair', changes.slice(0, 1), ['--fail-on', 'widened'], 1],
    ['a narrowed pair', changes.slice(1), ['--fail-on', 'widened'], 0],
    ['a widened pair', changes, ['--exit-zero'], 0],
  ])('for %s with flags exits as it should', async (_, kept, flags, code) => {
    expect((await cli(['diff', 'old', 'dist', ...flags], differs(kept))).code).toBe(code);
    const json = await cli(['diff', 'old', 'dist', '-o', 'json', ...flags], differs(kept));
    expect(json.code).toBe(code);
    expect(JSON.parse(json.stdout)).toMatchObject({ query: 'diff', changes: kept });
  });

  it('shows one namespace, of either end', async () => {
    const { stdout } = await cli(['diff', 'old', 'dist', '-n', 'monitoring']);
    expect(stdout).toContain('monitoring/prometheus');
    expect(stdout).not.toContain('notebook');
  });

  it.each([[['dist']], [['old', 'dist', 'dist']], [['-', '-']], [['old', 'none']]])(
    'fails for %j',
    async (argv) => {
      expect(await cli(['diff', ...argv])).toMatchObject({ code: 2, stdout: '' });
    },
  );
});
