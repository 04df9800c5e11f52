import { markdown } from '../../src/report/markdown';
import { diff, explain, finding, HOSTILE, lint, OPTIONS, reach, RESULTS } from './results';

const shown = (result: Parameters<typeof markdown.render>[0]): string =>
  [...markdown.render(result, OPTIONS)].join('');

describe('markdown', () => {
  it('says how many problems, and has a row for each', () => {
    const text = shown(lint([finding(), finding({ acknowledged: 'why' })]));
    expect(text).toContain('### 1 problem, 1 acknowledged\n');
    expect(text.split('\n').filter((line) => line.startsWith('| error'))).toHaveLength(1);
    expect(text).toContain('3 workloads, 5 policies, 2 namespaces. not analyzed: none');
  });

  it('says the verdict of a connection first', () => {
    expect(shown(explain())).toMatch(/^### DENIED: llm-api\/Deployment\/gateway -&gt; /);
  });

  it('has no table where there is nothing to show', () => {
    const text = shown(diff({ changes: [] }));
    expect(text).toContain('### Reach is unchanged');
    expect(text).not.toContain('| ---');
  });

  it('has a row for each connection', () => {
    const rows = shown(reach())
      .split('\n')
      .filter((line) => line.startsWith('| '));
    expect(rows).toHaveLength(2 + reach().connections.length);
  });

  it.each(Object.keys(RESULTS).filter((title) => title.includes('hostile')))(
    'keeps the columns of %s, and obeys no name',
    (title) => {
      const result = RESULTS[title];
      const text = result === undefined ? '' : shown(result);
      expect(text).not.toContain(HOSTILE);
      expect(text).not.toMatch(/@team/);
      expect(text).not.toMatch(/<(?!!-- -->)/);
      const rows = text.split('\n').filter((line) => line.startsWith('| '));
      const columns = new Set(rows.map((row) => row.split(/(?<!\\) \| |(?<=^)\| | \|$/).length));
      expect(columns.size).toBe(1);
    },
  );
});
