/** The entry for programs: it answers, and it loads nothing that writes. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import {
  clusterOf,
  combine,
  connectionsOf,
  lint,
  readObjects,
  readText,
  RULES,
  shownWorkloads,
  World,
} from '../src/analysis';

const ROOT = join(__dirname, '..');

const YAML = `
apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: ml-training, labels: { app: bert } }
spec: { containers: [{ name: main, image: bert }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: ml-training }
spec: { podSelector: {}, policyTypes: [Egress] }
`;

const MLFLOW = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'mlflow', namespace: 'mlflow', labels: { app: 'mlflow' } },
  spec: { containers: [{ name: 'main', image: 'mlflow' }] },
};

describe('the analysis entry', () => {
  const input = combine([readText('training.yaml', YAML), readObjects([MLFLOW])]);
  const world = new World(clusterOf(input));

  it('tells who is isolated, and who can reach whom', () => {
    const [bert, mlflow] = ['ml-training/Pod/bert', 'mlflow/Pod/mlflow'];
    expect(shownWorkloads(world)).toEqual([
      expect.objectContaining({ id: bert, isolated: ['egress'] }),
      expect.objectContaining({ id: mlflow, isolated: [] }),
    ]);
    const ends = { workloads: new Set([bert, mlflow]), blocks: [] };
    const connections = [...connectionsOf(world, { from: ends, to: ends })];
    expect(new Set(connections.map(({ from, to }) => `${from} -> ${to}`))).toEqual(
      new Set([`${mlflow} -> ${bert}`, `${mlflow} -> ${mlflow}`]),
    );
  });

  it('runs rules', () => {
    const rules = RULES.filter(({ name }) => name === 'dns-egress-missing');
    const { findings } = lint(world, input, { today: '2026-01-01', rules });
    expect(findings.map(({ code, at }) => `${code} ${at.file}`)).toEqual(['MLN203 training.yaml']);
  });

  it('loads neither cdk8s nor constructs', () => {
    const script = `
      require('ts-node').register({ transpileOnly: true, project: 'test/tsconfig.json' });
      require('./src/analysis');
      console.log(JSON.stringify(Object.keys(require.cache)));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    const loaded = JSON.parse(stdout) as string[];
    expect(loaded).toContain(join(ROOT, 'src', 'analysis.ts'));
    expect(loaded.filter((file) => /node_modules.(cdk8s|constructs)/.test(file))).toEqual([]);
    expect(loaded.filter((file) => /src.(constructs|render|traffic)/.test(file))).toEqual([]);
  });
});
