import type { Finding, LintResult, RuleMetadata, Severity } from '../../engine/result';
import { answer } from '../answer';
import type { Args } from '../arguments';
import { withBaseline, writeBaseline } from '../baseline';
import { CannotAnswer, refuse, refuseWord } from '../cannot-answer';
import type { Command } from '../command';
import { readText } from '../files';
import { checkPolicies, openAnalysis } from '../inputs';
import { ANSWERS, NAMESPACE, READS } from '../options';
import { outputsOf } from '../outputs';

const SEVERITIES: readonly (Severity | 'off')[] = ['off', 'info', 'warning', 'error'];

export const lint: Command = {
  name: 'lint',
  summary: 'What is wrong with the policies, and the change that mends it',
  takes: 'PATH...',
  options: {
    rule: {
      type: 'string',
      multiple: true,
      value: 'code=severity',
      summary: 'off, info, warning or error for one rule; repeatable',
    },
    'fail-on': {
      type: 'string',
      choices: ['error', 'warning', 'info'],
      summary: 'exit 1 at this severity or above (default warning)',
    },
    acknowledged: {
      type: 'string',
      multiple: true,
      value: 'file',
      summary: 'findings that are accepted, each with its reason; repeatable',
    },
    baseline: {
      type: 'string',
      value: 'file',
      summary: 'findings that are known and count no more',
    },
    'update-baseline': { type: 'boolean', summary: 'write the findings to the baseline' },
    ...NAMESPACE,
    ...ANSWERS,
    ...READS,
  },
  examples: [
    'lint dist/',
    'lint dist/ --rule MLN203=error --baseline known.json',
    'lint dist/ --acknowledged accepted.yaml',
    'lint dist/ -o sarif',
  ],
  async run(args, context) {
    const outputs = outputsOf(args, 'lint');
    const [baseline, update] = [args.text('baseline'), args.has('update-baseline')];
    if (update && baseline === undefined) {
      throw new CannotAnswer(['--update-baseline: got no file, expected --baseline <file>']);
    }
    const severities = severitiesOf(args.all('rule'), context.analyzer().rules());
    const accepted = args.all('acknowledged').map((file) => ({ file, text: readText(file) }));
    const analysis = await openAnalysis(args.positionals, args, context);
    checkPolicies([analysis], args.positionals, args);
    const found = ofNamespace(analysis.lint(severities, accepted), args);
    if (baseline !== undefined && update) writeBaseline(baseline, found.findings);
    const result = baseline === undefined ? found : withBaseline(baseline, found);
    return answer(result, outputs, args, context);
  },
};

function severitiesOf(
  given: readonly string[],
  rules: readonly RuleMetadata[],
): ReadonlyMap<string, Severity | 'off'> {
  return new Map(
    given.map((text) => {
      const [rule = '', word, ...rest] = text.split('=');
      if (word === undefined || rest.length > 0) refuse('--rule', text, '<code>=<severity>');
      const known = rules.find(({ code, name }) => code === rule || name === rule);
      if (known === undefined)
        refuseWord(
          '--rule',
          rule,
          rules.flatMap(({ code, name }) => [code, name]),
        );
      const severity = SEVERITIES.find((each) => each === word);
      return [known.code, severity ?? refuseWord('--rule', word, SEVERITIES)];
    }),
  );
}

function ofNamespace(result: LintResult, args: Args): LintResult {
  const namespace = args.text('namespace');
  if (namespace === undefined) return result;
  return { ...result, findings: result.findings.filter((each) => isIn(namespace, each)) };
}

/** An object is `Kind namespace/name`, or `Kind name`, as the namespace itself. */
function isIn(namespace: string, { object }: Finding): boolean {
  const name = object.slice(object.indexOf(' ') + 1);
  return name.startsWith(`${namespace}/`) || object === `Namespace ${namespace}`;
}
