import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { engineAnalyzer } from '../../../src/cli/engine-analysis';
import type { LintResult } from '../../../src/engine/result';
import { finding, lint } from '../../report/results';
import { cli, inFolder } from '../fake';

inFolder();

const finds = (...findings: Parameters<typeof lint>[0]) => ({
  analysis: { lint: () => lint(findings) },
});

describe('lint', () => {
  it.each([
    ['error', [], 1],
    ['warning', [], 1],
    ['info', [], 0],
    ['warning', ['--fail-on', 'error'], 0],
    ['info', ['--fail-on', 'info'], 1],
    ['error', ['--exit-zero'], 0],
  ] as const)('for a finding of severity %s with %j exits %i', async (severity, flags, code) => {
    const ran = await cli(['lint', 'dist', ...flags], finds(finding({ severity })));
    expect(ran.code).toBe(code);
    expect(ran.stdout).toContain('1 problem (');
  });

  it('exits 0 where nothing is found, and says what was looked at', async () => {
    const { code, stdout } = await cli(['lint', 'dist'], finds());
    expect(code).toBe(0);
    expect(stdout).toBe(
      '0 problems (0 errors, 0 warnings, 0 info), 0 acknowledged. 2 rules. ' +
        '3 workloads, 5 policies, 2 namespaces. not analyzed: none\n',
    );
  });

  it('does not count what is acknowledged', async () => {
    expect((await cli(['lint', 'dist'], finds(finding({ acknowledged: 'why' })))).code).toBe(0);
  });

  it('does not count what a file acknowledges, and finds there what excuses nothing', async () => {
    writeFileSync(
      'dist/deny.yaml',
      `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny, namespace: ml }
spec: { podSelector: {}, policyTypes: [Egress] }
---
apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: ml, labels: { app: bert } }
spec: { containers: [{ name: main, image: bert }] }
`,
    );
    const analyzer = engineAnalyzer('2026-06-30');
    const lintWith = async (reason: string) => {
      writeFileSync('accepted.yaml', reason);
      const argv = ['lint', 'dist/deny.yaml', '--acknowledged', 'accepted.yaml', '-o', 'json'];
      const { code, stdout } = await cli(argv, { analyzer });
      const { findings } = JSON.parse(stdout) as LintResult;
      return { code, findings: findings.map((one) => `${one.code} ${one.acknowledged ?? 'open'}`) };
    };
    const dns = '{code: MLN203, object: NetworkPolicy ml/deny, reason: addresses only}';
    expect((await lintWith(`- ${dns}`)).findings).toContain('MLN203 addresses only');
    const more = await lintWith(`- ${dns}\n- {code: MLN201, reason: none}`);
    expect(more.findings).toContain('MLN501 open');
    expect((await lintWith('- {code: MLN203}')).code).toBe(2);
    rmSync('dist/deny.yaml');
  });

  it('gives a rule another severity, by code or name', async () => {
    expect((await cli(['lint', 'dist', '--rule', 'MLN203=info'])).code).toBe(0);
    expect((await cli(['lint', 'dist', '--rule', 'dns-egress-missing=info'])).code).toBe(0);
  });

  it.each([
    ['MLN204=off', 'did you mean MLN203?'],
    ['MLN203=of', 'did you mean off?'],
    ['MLN203', 'expected <code>=<severity>'],
  ])('fails for --rule %s', async (rule, line) => {
    const { code, stdout, stderr } = await cli(['lint', 'dist', '--rule', rule]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(line);
  });

  it('shows one namespace', async () => {
    const other = finding({ object: 'NetworkPolicy mlflow/allow' });
    const { stdout } = await cli(['lint', 'dist', '-n', 'mlflow'], finds(finding(), other));
    expect(stdout).toContain('1 problem (');
    expect(stdout).toContain('NetworkPolicy mlflow/allow');
  });
});

describe('a baseline', () => {
  it('holds what was found; lines may move, new findings count', async () => {
    const update = ['lint', 'dist', '--baseline', 'known.json', '--update-baseline'];
    expect((await cli(update, finds(finding()))).code).toBe(0);
    const moved = finding({ at: { file: 'dist/y.yaml', line: 99, column: 1 } });
    const known = await cli(['lint', 'dist', '--baseline', 'known.json'], finds(moved));
    expect(known.code).toBe(0);
    expect(known.stdout).toContain('1 acknowledged');
    const twice = await cli(['lint', 'dist', '--baseline', 'known.json'], finds(moved, finding()));
    expect(twice.code).toBe(1);
    expect(JSON.parse(readFileSync('known.json', 'utf8'))).toMatchObject({ version: 1 });
  });

  it('with an entry that nothing meets is a finding, at its line', async () => {
    await cli(['lint', 'dist', '--baseline', 'old.json', '--update-baseline'], finds(finding()));
    const { code, stdout } = await cli(['lint', 'dist', '--baseline', 'old.json'], finds());
    expect(code).toBe(1);
    expect(stdout).toContain('old.json:4:1');
    expect(stdout).toContain('unused-acknowledgement');
    const update = ['lint', 'dist', '--baseline', 'old.json', '--update-baseline'];
    expect((await cli(update, finds())).code).toBe(0);
  });

  it.each([
    ['none.json', undefined, 'none.json: no such file'],
    ['bad.json', '{', 'bad.json: no JSON'],
    ['bad.json', '{"version": 2, "findings": []}', 'bad.json: got something else'],
    ['bad.json', '{"version": 1, "findings": [{}]}', 'bad.json: got something else'],
  ])('fails when %s holds %s', async (file, text, line) => {
    if (text !== undefined) writeFileSync(file, text);
    const { code, stdout, stderr } = await cli(['lint', 'dist', '--baseline', file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(line);
  });

  it('fails when it is to be updated and has no name', async () => {
    expect((await cli(['lint', 'dist', '--update-baseline'])).code).toBe(2);
  });
});
