import { dot } from '../../src/report/dot';
import { nodeId } from '../../src/report/graph';
import { OPTIONS, reach, RESULTS } from './results';

const shown = (result: Parameters<typeof dot.render>[0], all = false): string =>
  [...dot.render(result, { ...OPTIONS, all })].join('');

describe('dot', () => {
  it('draws namespaces as clusters, ports on edges, UNKNOWN dashed', () => {
    const [bert, mlflow] = [nodeId('ml-training/Job/bert'), nodeId('mlflow/Deployment/mlflow')];
    const text = shown(reach());
    expect(text).toContain(
      `  subgraph cluster_${nodeId('namespace mlflow')} {\n    label="mlflow";`,
    );
    expect(text).toContain(`  ${bert} -> ${mlflow} [label="TCP 5000, TCP 9090 GET,POST`);
    expect(text).toContain('[label="TCP 2049-2050 depends on pod-address", style=dashed];');
    expect(text.match(/\{/g)?.length).toBe(text.match(/\}/g)?.length);
  });

  it('draws denied pairs only when all is asked for', () => {
    expect(shown(reach(), true)).toContain('style=dotted, arrowhead=tee');
  });

  it('says what is not analyzed', () => {
    const result = RESULTS['connections of which something is missing'];
    expect(result && shown(result)).toContain('label="not analyzed: CiliumNetworkPolicy');
  });

  it.each(Object.keys(RESULTS).filter((title) => /hostile (con|dif|exp)/.test(title)))(
    'keeps names of %s inside their quotes',
    (title) => {
      const result = RESULTS[title];
      const text = result === undefined ? '' : shown(result);
      const left = text.replace(/"(?:[^"\\]|\\.)*"/g, '');
      expect(left).not.toMatch(/["\\]|error/);
    },
  );
});
