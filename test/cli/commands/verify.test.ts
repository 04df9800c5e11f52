import { cli, inFolder } from '../fake';

const LINE = JSON.stringify({
  ...{ from: 'ml/Pod/a', to: 'ml/Service/b', protocol: 'TCP', port: 80, kind: 'http' },
  ...{ expected: 'DENIED', proxied: false, saw: { connected: true, bytes: 3, status: 200 } },
});

inFolder({ 'after.jsonl': `${LINE}\n`, 'bad.jsonl': `${LINE}\n{"from":1}\nPod is starting\n` });

describe('verify', () => {
  it('writes the probes, and names what is not tried', async () => {
    const { code, stdout, stderr } = await cli(['verify', '--plan', 'dist']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'image: node:22-alpine\n' });
    expect(stderr).toBe('ml-netpol: not tried: none of its ports is known: a -> b\n');
    const other = await cli(['verify', 'dist', '--plan', '--image', 'mirror/node:20']);
    expect(other.stdout).toBe('image: mirror/node:20\n');
  });

  it('writes the script, and where to look', async () => {
    expect((await cli(['verify', 'dist', '--script'])).stdout).toBe('#!/bin/sh\n');
    const { stdout } = await cli(['verify', 'dist', '--troubleshoot', 'mlflow/mlflow']);
    expect(stdout).toBe('# mlflow/Deployment/mlflow\n');
    const ofAll = await cli(['verify', 'dist', '--troubleshoot', 'mlflow']);
    expect(ofAll.stdout).toBe('# mlflow\n');
  });

  it('compares what was reported, in every format of test, and exits 1 on a difference', async () => {
    const { code, stdout } = await cli([
      'verify',
      'dist',
      '--results',
      'after.jsonl',
      '-o',
      'json',
    ]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      query: 'test',
      assertions: [{ verdict: 'failed', at: { file: 'after.jsonl', line: 1 } }],
    });
  });

  it.each([
    [['dist'], 'verify: got none, expected one of --plan, --script, --results, --troubleshoot'],
    [['dist', '--plan', '--script'], 'got --plan and --script'],
    [['dist', '--plan', '--before', 'after.jsonl'], '--results beside it'],
    [['dist', '--plan', '--forbidden', 'many'], '--forbidden: got "many", expected a count'],
    [['dist', '--plan', '--forbidden', '0'], 'got no pair to try'],
    [['dist', '--troubleshoot', 'mlflow/mlflw'], 'did you mean mlflow/mlflow?'],
    [['dist', '--results', 'none.jsonl'], 'none.jsonl'],
  ])('refuses %j', async (argv, expected) => {
    const { code, stdout, stderr } = await cli(['verify', ...argv]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(expected);
  });

  it('names every line of results that it cannot take', async () => {
    const { code, stderr } = await cli(['verify', 'dist', '--results', 'bad.jsonl']);
    expect(code).toBe(2);
    expect(stderr).toContain('bad.jsonl:2: got no probe with what it saw');
    expect(stderr).toContain('bad.jsonl:3: no JSON');
    expect(stderr).toContain('the logs of the container named probe, nothing else');
  });
});
