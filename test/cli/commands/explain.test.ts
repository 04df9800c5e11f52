import type { Question } from '../../../src/cli/analysis';
import { explain } from '../../report/results';
import { cli, inFolder } from '../fake';

inFolder();

describe('explain', () => {
  it('says why, and exits 0 for an answer of any kind', async () => {
    const { code, stdout } = await cli([
      'explain',
      'mlflow/mlflow',
      'llm-serving/triton',
      'tcp/8001',
      'dist',
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^DENIED {2}/);
    expect(stdout).toContain('dist/llm-serving.k8s.yaml:12');
  });

  it('asks about one request', async () => {
    const asked: Question[] = [];
    const analysis = {
      explain: (question: Question) => {
        asked.push(question);
        return explain();
      },
    };
    const argv = ['explain', 'mlflow', '10.1.2.3', 'UDP/53', 'dist', '-n', 'mlflow'];
    await cli([...argv, '--http', 'POST /v1/predict', '--host', 'models'], { analysis });
    expect(asked).toEqual([
      {
        from: { kind: 'workload', id: 'mlflow/Deployment/mlflow' },
        to: { kind: 'addresses', cidr: '10.1.2.3/32' },
        protocol: 'UDP',
        port: 53,
        method: 'POST',
        path: '/v1/predict',
        host: 'models',
      },
    ]);
  });

  it('asks about a Service by its name, and suggests a near one', async () => {
    const asked: Question[] = [];
    const analysis = {
      explain: (question: Question) => {
        asked.push(question);
        return explain();
      },
    };
    await cli(['explain', 'mlflow/mlflow', 'mlflow/Service/tracking', 'TCP/80', 'dist'], {
      analysis,
    });
    expect(asked.map(({ to }) => to)).toEqual([
      { kind: 'service', namespace: 'mlflow', name: 'tracking' },
    ]);
    const unknown = await cli([
      'explain',
      'mlflow/mlflow',
      'mlflow/Service/trackin',
      'TCP/80',
      'dist',
    ]);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain('did you mean mlflow/Service/tracking?');
  });

  it.each([
    [['mlflow/mlflow'], 'expected FROM TO PROTO/PORT PATH...'],
    [
      ['mlflow/mlflow', 'llm-serving/triton', '8001', 'dist'],
      'expected PROTO/PORT, such as TCP/5000',
    ],
    [['mlflow/mlflow', 'llm-serving/triton', 'TCP/0', 'dist'], 'expected PROTO/PORT'],
    [['mlflow/mlflow', 'llm-serving/trito', 'TCP/1', 'dist'], 'did you mean llm-serving/triton?'],
    [['a/b', 'c/d', 'TCP/1', 'dist', '--http', 'post /x'], 'such as POST /v1/predict'],
  ])('fails for %j', async (argv, line) => {
    const { code, stdout, stderr } = await cli(['explain', ...argv]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(line);
    expect(stderr.split('\n')).toHaveLength(2);
  });
});
