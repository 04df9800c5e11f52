import { writeFileSync } from 'node:fs';
import { cli, inFolder } from '../fake';

inFolder();

const judged = async (text: string, ...flags: string[]) => {
  writeFileSync('flows.yaml', text);
  return cli(['test', 'flows.yaml', 'dist', ...flags]);
};

describe('test', () => {
  it.each([
    'allow: ml-training/Job/bert -> mlflow/mlflow TCP/5000',
    'allow: ml-training/Job/bert -> mlflow/mlflow TCP/8080 GET /api/x',
    'deny: ml-training/Job/bert -> mlflow/mlflow UDP/5000',
    'deny: ml-training/Job/bert -> mlflow/mlflow TCP/5001',
    'deny: mlflow/* -> ml-training/*',
    'deny: "llm-serving/* -> mlflow/*"',
    'deny: 192.0.2.1 -> mlflow/mlflow TCP/443',
    'deny: ml-training/Job/bert -> mlflow/mlflow TCP/8080 GET /admin',
  ])('passes %s', async (line) => {
    const { code, stdout } = await judged(`- ${line}\n`);
    expect(code).toBe(0);
    expect(stdout).toContain('1 assertion: 1 passed, 0 failed, 0 unknown.');
  });

  it.each([
    ['allow: ml-training/Job/bert -> mlflow/mlflow UDP/5000', 'DENIED', 'failed'],
    ['allow: ml-training/* -> mlflow/mlflow TCP/5000', 'DENIED: ml-training/Pod/bert', 'failed'],
    ['allow: ml-training/Job/bert -> mlflow/mlflow TCP/8080', 'only GET /api/*', 'failed'],
    ['allow: ml-training/Job/bert -> mlflow/mlflow TCP/2049', 'pod-address', 'unknown'],
    ['deny: ml-training/Job/bert -> mlflow/mlflow', 'ALLOWED', 'failed'],
    ['deny: ml-training/* -> mlflow/* TCP/8080', 'GET /api/*', 'failed'],
    ['deny: ml-training/* -> mlflow/* TCP/2049', 'depends on pod-address', 'unknown'],
    ['deny: ml-training/Job/bert -> mlflow/mlflow TCP/8080 GET /api/x', 'ALLOWED', 'failed'],
  ])('fails %s', async (line, got, verdict) => {
    const { code, stdout } = await judged(`# flows\n\n- ${line}\n  reason: told\n`);
    expect(code).toBe(1);
    expect(stdout).toContain(`1 ${verdict}`);
    expect(stdout).toContain(got);
    expect(stdout).toContain('flows.yaml:3');
    expect(stdout).toContain('(told)');
  });

  it('names the policies that decide', async () => {
    const { stdout } = await judged('- allow: llm-serving/triton -> mlflow/mlflow TCP/5000\n');
    expect(stdout).toContain('by  NetworkPolicy llm-serving/default-deny');
  });

  it.each([
    [
      '- allwo: a -> b TCP/1',
      'flows.yaml:1: got key "allwo", expected one of allow, deny, reason; did you mean allow?',
    ],
    ['- deny: a/b -> c/d\n  raeson: x', 'flows.yaml:2: got key "raeson"'],
    ['- deny: a/b => c/d', 'flows.yaml:1: got "a/b => c/d", expected "from -> to PROTO/PORT'],
    ['- allow: a/b -> c/d', 'with a port'],
    ['- deny: a/b -> c/d 443', 'flows.yaml:1: got "443", expected PROTO/PORT'],
    ['- deny: a/b -> c/d TCP/443 get /x', 'such as POST /v1/predict'],
    ['- allow: a/b -> c/d TCP/1\n  deny: a/b -> c/d', 'either allow or deny'],
    ['- reason: x', 'either allow or deny'],
    ['- deny: 7', 'flows.yaml:1: got deny, expected a text'],
    ['- a', 'expected allow: or deny:'],
    ['deny: a/b -> c/d', 'flows.yaml: got no assertions'],
    ['', 'flows.yaml: got no assertions'],
    ['[]', 'flows.yaml: got no assertions'],
    ['- deny: a/b -> c/d\n- deny: [', 'flows.yaml:2: no YAML: '],
    ['- deny: a\n  deny: b', 'flows.yaml:2: got [0].deny again, expected every key once'],
    ['- deny: a/b -> c/d\n---\n- deny: a/b -> c/d', 'got no assertions, expected a list'],
    ['- deny: mlflow/mlflo -> mlflow/mlflow', 'flows.yaml:1: got "mlflow/mlflo"'],
  ])('fails for the file %j', async (text, line) => {
    const { code, stdout, stderr } = await judged(text);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(line);
    expect(stderr.split('\n')).toHaveLength(2);
  });

  it('tells everything that is wrong with a file at once', async () => {
    const { stderr } = await judged('- allwo: x\n- dney: y\n');
    expect(stderr.split('\n')).toHaveLength(3);
  });

  it.each([[[]], [['none.yaml', 'dist']], [['dist', 'flows.yaml']], [['flows.yaml']]])(
    'fails for %j',
    async (argv) => {
      expect(await cli(['test', ...argv])).toMatchObject({ code: 2, stdout: '' });
    },
  );
});
