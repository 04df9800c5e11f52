import { writeFileSync } from 'node:fs';
import type { Question } from '../../../src/cli/analysis';
import { INCOMPLETE } from '../../report/results';
import { cli, inFolder } from '../fake';

inFolder();

const question = (more: object = {}): string =>
  JSON.stringify({ from: 'ml-training/Job/bert', to: 'mlflow/mlflow', port: 5000, ...more });

describe('ask', () => {
  it('answers each line with one line, in order', async () => {
    const stdin = [
      question(),
      '',
      question({ port: 2049 }),
      question({ port: 8080, path: '/api/x' }),
    ];
    const { code, stdout, stderr } = await cli(['ask', 'dist'], { stdin: stdin.join('\n') });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(
      [
        '{"verdict":"DENIED","by":["NetworkPolicy mlflow/mlflow"],"unknown":[]}',
        '{"verdict":"UNKNOWN","by":["NetworkPolicy mlflow/mlflow"],"unknown":["pod-address"]}',
        '{"verdict":"ALLOWED","by":["NetworkPolicy mlflow/mlflow"],"unknown":[]}',
        '',
      ].join('\n'),
    );
  });

  it('takes the questions of a file, and everything that a request has', async () => {
    const asked: Question[] = [];
    const request = {
      method: 'POST',
      path: '/p',
      host: 'h',
      headers: { 'X-Team': 'a' },
      jwt: { sub: 's' },
    };
    writeFileSync(
      'requests.jsonl',
      `${question({ protocol: 'udp', ...request })}\r\n${question({ jwt: null, path: null })}`,
    );
    const analysis = {
      ask: (each: Question) => {
        asked.push(each);
        return { verdict: 'ALLOWED' as const, by: [], unknown: [] };
      },
    };
    await cli(['ask', 'dist', '--requests', 'requests.jsonl'], { analysis });
    const from = { kind: 'workload', id: 'ml-training/Job/bert' };
    const to = { kind: 'workload', id: 'mlflow/Deployment/mlflow' };
    expect(asked).toEqual([
      { from, to, protocol: 'UDP', port: 5000, ...request, headers: { 'x-team': 'a' } },
      { from, to, protocol: 'TCP', port: 5000 },
    ]);
  });

  it('answers many', async () => {
    const stdin = `${question()}\n`.repeat(1500);
    expect((await cli(['ask', 'dist'], { stdin })).stdout.split('\n')).toHaveLength(1501);
  });

  it('answers beside an unreadable file, and exits 2', async () => {
    const { code, stdout, stderr } = await cli(['ask', 'dist'], {
      stdin: question(),
      analysis: { about: INCOMPLETE },
    });
    expect(code).toBe(2);
    expect(stdout).toContain('DENIED');
    expect(stderr).toContain('dist/broken.yaml:3:2');
  });

  it('fails for every wrong line, and answers none', async () => {
    const stdin = [
      question(),
      '{',
      '[]',
      question({ prot: 'TCP' }),
      question({ port: 0 }),
      question({ port: '80' }),
      question({ protocol: 'ICMP' }),
      question({ from: 'mlflow/mlflo' }),
      question({ to: 7 }),
      question({ headers: [] }),
      question({ headers: { a: 1 } }),
      question({ jwt: 'x' }),
    ].join('\n');
    const { code, stdout, stderr } = await cli(['ask', 'dist'], { stdin });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const lines = stderr.trimEnd().split('\n');
    expect(lines.map((line) => line.split(':')[2])).toEqual(
      Array.from({ length: 11 }, (_, n) => `${n + 2}`),
    );
    expect(lines[2]).toContain('key: got "prot", expected one of from, to, protocol');
    expect(lines[6]).toContain('did you mean mlflow/mlflow?');
  });

  it.each([
    ['no questions', ['ask', 'dist'], 'stdin: got no questions'],
    ['a missing file', ['ask', 'dist', '--requests', 'none'], 'none: no such file'],
    ['two readers of standard input', ['ask', '-'], 'expected --requests <file>'],
  ])('fails for %s', async (_, argv, line) => {
    const { code, stdout, stderr } = await cli(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(line);
  });
});
