import { nodeId } from '../../src/report/graph';
import { mermaid } from '../../src/report/mermaid';
import { diff, exposure, OPTIONS, reach, RESULTS } from './results';

const shown = (result: Parameters<typeof mermaid.render>[0], all = false): string =>
  [...mermaid.render(result, { ...OPTIONS, all })].join('');

describe('mermaid', () => {
  it('draws namespaces as boxes, ports on edges, UNKNOWN dotted', () => {
    const [bert, mlflow] = [nodeId('ml-training/Job/bert'), nodeId('mlflow/Deployment/mlflow')];
    const text = shown(reach());
    expect(text).toMatch(/^flowchart LR\n/);
    expect(text).toContain(`  subgraph ${nodeId('namespace mlflow')}["mlflow"]\n    ${mlflow}[`);
    expect(text).toContain(`  ${bert} -->|"TCP 5000, TCP 9090 GET,POST /api/2.0/*`);
    expect(text).toContain(`  ${bert} -.->|"TCP 2049-2050 depends on pod-address"| ${mlflow}`);
  });

  it('draws denied pairs only when all is asked for', () => {
    expect(shown(reach())).not.toContain('denied');
    expect(shown(reach(), true)).toContain('-.-x|"denied"|');
  });

  it('draws more than 200 edges by namespace, and says so', () => {
    const many = RESULTS['connections among 250 pairs'];
    const text = many === undefined ? '' : shown(many, true);
    expect(text).toContain('%% 250 connections, more than 200: drawn by namespace');
    expect(text.split('\n').filter((line) => line.includes('-->'))).toHaveLength(9);
  });

  it('draws differences and exposure', () => {
    expect(shown(diff())).toContain('==>|"widened: TCP 443 (was none)"|');
    expect(shown(exposure())).toContain('["pod of another namespace"]');
  });

  it('gives a node the same id whatever else is drawn, and no two the same', () => {
    expect(nodeId('a/Job/b-c')).toBe(nodeId('a/Job/b-c'));
    expect(nodeId('a/Job/b-c')).not.toBe(nodeId('a/Job/b_c'));
  });

  it.each(Object.keys(RESULTS).filter((title) => /hostile (con|dif|exp)/.test(title)))(
    'keeps names of %s inside their quotes',
    (title) => {
      const result = RESULTS[title];
      const lines = (result === undefined ? '' : shown(result)).trimEnd().split('\n').slice(1);
      const node = /^ +(subgraph )?n_\w+\["[^"]*"\]$|^ +end$|^ +%% /;
      const edge = /^ {2}n_\w+ [-.=>x]+\|"[^"]*"\| n_\w+$/;
      for (const line of lines) expect(node.test(line) || edge.test(line)).toBe(true);
    },
  );
});
