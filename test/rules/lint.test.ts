/** Severities and acknowledgements, with a rule that finds every NetworkPolicy. */
import { objectName, placeOf } from '../../src/engine/evidence';
import type { LintResult } from '../../src/engine/result';
import { World } from '../../src/engine/world';
import { clusterOf } from '../../src/read/cluster-of';
import { readText } from '../../src/read/read-text';
import type { Rule } from '../../src/rules';
import { readAcknowledgements } from '../../src/rules/acknowledgements';
import type { LintOptions } from '../../src/rules/lint';
import { lint } from '../../src/rules/lint';

const every: Rule = {
  code: 'MLN299',
  name: 'every-policy',
  severity: 'warning',
  ...{ summary: 'a policy', why: 'There is one.', whenNot: 'Never.', sources: [] },
  examples: { bad: { yaml: '' }, good: { yaml: '' } },
  check: ({ cluster }) =>
    cluster.networkPolicies.map(({ resource, pods }) => ({
      at: placeOf(resource),
      object: objectName(resource),
      message: 'there is a policy',
      got: JSON.stringify(pods.matchLabels),
      expected: 'none',
      fix: 'take it out',
    })),
};
const failing: Rule = {
  ...every,
  code: 'MLN298',
  name: 'failing',
  check: () => {
    throw new RangeError('out of range');
  },
};

const policy = (name: string, annotation = ''): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${name}
  namespace: llm-serving
  annotations: {${annotation}}
spec: { podSelector: {} }
---`;
const namespace = (annotation: string): string => `
apiVersion: v1
kind: Namespace
metadata: { name: llm-serving, annotations: {${annotation}} }
---`;
const acknowledge = (text: string): string =>
  `cdk8s-ml-netpol/acknowledge: ${JSON.stringify(text)}`;

function run(yaml: string, options: Partial<LintOptions> = {}): LintResult {
  const input = readText('all.yaml', yaml);
  return lint(new World(clusterOf(input)), input, {
    today: '2026-06-30',
    rules: [every],
    ...options,
  });
}

/** `code severity object` and the reason that excuses it. */
function told({ findings }: LintResult): string[] {
  return findings.map(
    ({ code, severity, object, acknowledged }) =>
      `${code} ${severity} ${object}${acknowledged === undefined ? '' : ` (${acknowledged})`}`,
  );
}

describe('findings', () => {
  test('come sorted by place, with the rules that ran', () => {
    const result = run(policy('b') + policy('a'));
    expect(told(result)).toEqual([
      'MLN299 warning NetworkPolicy llm-serving/b',
      'MLN299 warning NetworkPolicy llm-serving/a',
    ]);
    expect(result.rules.map(({ code }) => code)).toEqual(['MLN299', 'MLN501', 'MLN502']);
    expect(result.counts).toEqual({ workloads: 0, policies: 2, namespaces: 1 });
  });

  test('have the severity that was asked for', () => {
    expect(told(run(policy('a'), { severities: { MLN299: 'error' } }))).toEqual([
      'MLN299 error NetworkPolicy llm-serving/a',
    ]);
    const off = run(policy('a'), { severities: { MLN299: 'off' } });
    expect(off.findings).toEqual([]);
    expect(off.rules.map(({ code }) => code)).toEqual(['MLN501', 'MLN502']);
  });

  test('are kept when another rule fails, which is named', () => {
    const result = run(policy('a'), { rules: [failing, every] });
    expect(told(result)).toHaveLength(1);
    expect(result.problems).toMatchObject([
      { code: 'rule-failed', got: 'MLN298 failing: out of range' },
    ]);
  });
});

describe('acknowledgements', () => {
  test('of an object hold for it alone', () => {
    expect(told(run(policy('a', acknowledge('MLN299: known')) + policy('b')))).toEqual([
      'MLN299 warning NetworkPolicy llm-serving/a (known)',
      'MLN299 warning NetworkPolicy llm-serving/b',
    ]);
  });

  test('of a namespace hold for what is in it; the object’s own words come first', () => {
    const yaml =
      namespace(acknowledge('MLN299: of all')) +
      policy('a', acknowledge('MLN299 until 2026-06-30: its own')) +
      policy('b');
    expect(told(run(yaml))).toEqual([
      'MLN299 warning NetworkPolicy llm-serving/a (its own)',
      'MLN299 warning NetworkPolicy llm-serving/b (of all)',
    ]);
  });

  test('of a file hold for an object, a namespace or everything', () => {
    const file = (text: string): string[] =>
      told(run(policy('a'), { acknowledged: readAcknowledgements('ok.yaml', text) }));
    const excused = ['MLN299 warning NetworkPolicy llm-serving/a (why)'];
    expect(file('- {code: MLN299, reason: why}')).toEqual(excused);
    expect(file('[{"code": "MLN299", "reason": "why", "namespace": "llm-serving"}]')).toEqual(
      excused,
    );
    expect(file('- {code: MLN299, reason: why, object: NetworkPolicy llm-serving/a}')).toEqual(
      excused,
    );
    expect(file('- {code: MLN299, reason: why, namespace: ml}')).toEqual([
      'MLN299 warning NetworkPolicy llm-serving/a',
      'MLN501 warning Namespace ml',
    ]);
  });

  test('that excuse nothing are found', () => {
    expect(told(run(namespace(acknowledge('MLN299: no policy here'))))).toEqual([
      'MLN501 warning Namespace llm-serving',
    ]);
  });

  test('that stand on several objects alike are used if one of them is', () => {
    const yaml =
      namespace(acknowledge('MLN299: known')) + policy('a', acknowledge('MLN299: known'));
    expect(told(run(yaml))).toHaveLength(1);
  });

  test('of a rule that is off, or failed, are not called unused', () => {
    const yaml = namespace(acknowledge('MLN299: known; MLN298: known'));
    const severities = { MLN299: 'off' } as const;
    expect(run(yaml, { severities, rules: [every, failing] }).findings).toEqual([]);
  });

  test('that have expired are found, and excuse nothing', () => {
    expect(told(run(policy('a', acknowledge('MLN299 until 2026-06-29: for now'))))).toEqual([
      'MLN299 warning NetworkPolicy llm-serving/a',
      'MLN502 warning NetworkPolicy llm-serving/a',
    ]);
  });

  test.each([
    ['mln299: known', 'mln299: known'],
    ['MLN299', 'MLN299'],
    ['MLN299 until soon: known', 'MLN299 until soon: known'],
    ['MLN299 until 2027-02-30: known', 'MLN299 until 2027-02-30: known'],
    ['MLN299: known; and more', 'and more'],
    ['', '""'],
  ])('fails to read %j', (text, got) => {
    expect(run(policy('a', acknowledge(text))).problems).toMatchObject([
      { code: 'acknowledgement-malformed', got, file: 'all.yaml', line: 7, column: 17 },
    ]);
  });

  test.each([
    ['{code: MLN299, reason: why}', '1:1'],
    ['- {code: MLN299}', '1:3'],
    ['- {code: MLN299, reason: why, objects: NetworkPolicy llm-serving/a}', '1:3'],
    ['- {code: MLN299, reason: why, namespace: [llm-serving]}', '1:3'],
    ['- {code: MLN299, reason: why, namespace: a, object: b}', '1:3'],
    ['- {code: MLN299, reason: why}\n- {code: MLN299, reason: why, expires: 2027-13-01}', '2:3'],
  ])('fails to read a file with %j', (text, at) => {
    const { problems } = readAcknowledgements('ok.yaml', text);
    expect(problems.map(({ code, at: { line, column } }) => `${code} ${line}:${column}`)).toEqual([
      `acknowledgement-malformed ${at}`,
    ]);
  });

  test('that contradict each other are a problem', () => {
    const yaml = policy('a', acknowledge('MLN299: known; MLN299: accepted'));
    expect(run(yaml).problems).toMatchObject([{ code: 'acknowledgement-twice', line: 7 }]);
  });

  test('of a rule that does not exist are a problem', () => {
    const { problems } = run(policy('a', acknowledge('MLN289: known')));
    expect(problems).toMatchObject([{ code: 'unknown-rule', fix: 'is MLN299 meant?' }]);
  });
});
