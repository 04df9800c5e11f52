import { BASE, INCOMPLETE, reach, workload } from '../../report/results';
import { cli, inFolder } from '../fake';

inFolder();

describe('reach', () => {
  it('shows who reaches whom, and exits 0', async () => {
    const { code, stdout, stderr } = await cli(['reach', 'dist']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('-> mlflow/mlflow  TCP 5000');
    expect(stdout).toContain('not analyzed: none\n');
  });

  it('writes its contract as JSON', async () => {
    const { stdout } = await cli(['reach', 'dist', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      workloads: {},
      connections: {},
      notAnalyzed: [],
    });
  });

  it.each([
    [['--from', 'mlflow/mlflow'], ['mlflow/Deployment/mlflow'], undefined],
    [['--to', 'mlflow/*'], undefined, ['mlflow/Deployment/mlflow']],
    [['--to', 'm*/Job/b*'], undefined, ['ml-training/Job/bert']],
    [['-n', 'mlflow'], ['mlflow/Deployment/mlflow'], undefined],
    [['-n', 'mlflow', '--to', 'mlflow'], undefined, ['mlflow/Deployment/mlflow']],
  ])('asks only about %j', async (flags, from, to) => {
    const { stdout } = await cli(['reach', 'dist', '-o', 'json', ...flags]);
    const { asked } = JSON.parse(stdout) as { readonly asked: object };
    expect(asked).toEqual({ ...(from && { from }), ...(to && { to }) });
  });

  it.each([
    [
      'ml-training/bert',
      'expected one workload, and this is ml-training/Job/bert, ml-training/Pod/bert',
    ],
    ['mlflow/mlfow', 'did you mean mlflow/mlflow?'],
    ['serving/triton', 'did you mean llm-serving/triton?'],
    ['nobody/*', 'known: 4 workloads'],
    ['10.0.0.0/99', 'a length from 0 to 32'],
  ])('fails for %s', async (name, line) => {
    const { code, stdout, stderr } = await cli(['reach', 'dist', '--from', name]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(line);
    expect(stderr.split('\n')).toHaveLength(2);
  });

  it('takes addresses for ends', async () => {
    for (const block of ['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1']) {
      expect((await cli(['reach', 'dist', '--to', block])).code).toBe(0);
    }
  });

  it('exits 1 with --strict where something was not analyzed', async () => {
    const analysis = { reach: () => reach({ notAnalyzed: INCOMPLETE.notAnalyzed }) };
    expect((await cli(['reach', 'dist'], { analysis })).code).toBe(0);
    expect((await cli(['reach', 'dist', '--strict'], { analysis })).code).toBe(1);
    expect((await cli(['reach', 'dist', '--strict', '--exit-zero'], { analysis })).code).toBe(0);
  });

  it('asks for a filter, or --all, above a million pairs', async () => {
    const workloads = Array.from({ length: 1001 }, (_, n) => workload(`ns/Pod/p${n}`));
    const analysis = { workloads, about: BASE };
    const { code, stdout, stderr } = await cli(['reach', 'dist'], { analysis });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('got 1002001 pairs');
    expect((await cli(['reach', 'dist', '--all'], { analysis })).code).toBe(0);
    expect((await cli(['reach', 'dist', '--from', 'ns/p1'], { analysis })).code).toBe(0);
  });
});
