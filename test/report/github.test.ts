import { github } from '../../src/report/github';
import { asserted, finding, HOSTILE, INCOMPLETE, lint, OPTIONS, RESULTS } from './results';

const linesOf = (result: Parameters<typeof github.render>[0]): string[] =>
  [...github.render(result, OPTIONS)].join('').split('\n').slice(0, -1);

describe('github', () => {
  it('annotates the line of each finding, and none that is acknowledged', () => {
    const findings = [finding(), finding({ acknowledged: 'why' }), finding({ severity: 'info' })];
    const lines = linesOf(lint(findings, INCOMPLETE));
    expect(lines.map((line) => line.split('::')[1])).toEqual([
      'error file=dist/llm-serving.k8s.yaml,line=12,col=3,title=MLN203 dns-egress-missing',
      'notice file=dist/llm-serving.k8s.yaml,line=12,col=3,title=MLN203 dns-egress-missing',
      'error file=dist/broken.yaml,line=3,col=2,title=yaml-syntax',
    ]);
    expect(lines[0]).toContain('cannot resolve names%0Agot: no rule to port 53%0Aexpected: UDP 53');
  });

  it('annotates assertions that do not hold', () => {
    expect(linesOf(asserted())).toHaveLength(2);
  });

  it('names no file for what came from standard input', () => {
    const [line] = linesOf(lint([finding({ at: { file: '-', line: 1, column: 1 } })]));
    expect(line).toMatch(/^::error title=/);
  });

  it('keeps every name inside its command', () => {
    const result = RESULTS['hostile findings'];
    const lines = result === undefined ? [] : linesOf(result);
    expect(lines).toHaveLength(2);
    const [property = ''] = /title=[^,]*?(?=::)/.exec(lines[1] ?? '') ?? [];
    expect(property).not.toMatch(/[,\r\n]/);
    expect(HOSTILE).toContain('::error::');
    for (const line of lines)
      expect(line.slice(0, line.indexOf('::', 2))).not.toContain('::error::');
  });
});
