import { answer } from '../answer';
import type { Analysis, Verification } from '../analysis';
import type { Args } from '../arguments';
import { CannotAnswer, refuse } from '../cannot-answer';
import type { Command, Context } from '../command';
import { checkPolicies, openAnalysis, problemText } from '../inputs';
import { Names } from '../names';
import { ANSWERS, READS } from '../options';
import { outputsOf } from '../outputs';
import { readResults } from '../results-file';

const MODES = ['plan', 'script', 'results', 'troubleshoot'] as const;

/** Pairs that are named of each reason for which they are not tried. */
const SHOWN = 5;

const IMAGE = 'node:22-alpine';

export const verify: Command = {
  name: 'verify',
  summary: 'Probes for a live cluster, and whether it does what the policies say',
  takes: '--plan | --script | --results FILE | --troubleshoot NAME PATH...',
  options: {
    plan: { type: 'boolean', summary: 'write the probes: Jobs that exchange data, as YAML' },
    script: { type: 'boolean', summary: 'write the script that runs them and removes them again' },
    results: { type: 'string', value: 'file', summary: 'compare what the probes reported' },
    before: {
      type: 'string',
      value: 'file',
      summary: 'with --results: what they reported before the policies were applied',
    },
    troubleshoot: {
      type: 'string',
      value: 'name',
      summary: 'write what is known of a workload or a namespace, and the commands to look',
    },
    forbidden: {
      type: 'string',
      value: 'count',
      summary: 'how many pairs that are denied are tried too (20)',
    },
    image: { type: 'string', value: 'name', summary: `of the probes, with Node (${IMAGE})` },
    ...ANSWERS,
    ...READS,
  },
  examples: [
    'verify dist/ --plan > probes.yaml',
    'verify dist/ --script > verify.sh && sh verify.sh probes.yaml > after.jsonl',
    'verify dist/ --results after.jsonl --before before.jsonl',
    'verify dist/ --troubleshoot llm-serving/model-api',
  ],
  async run(args, context) {
    const mode = modeOf(args);
    const outputs = outputsOf(args, 'test');
    const forbidden = countOf(args.text('forbidden') ?? '20');
    const results = args.text('results');
    const seen = results === undefined ? [] : readResults(results);
    const before = args.text('before');
    const earlier = before === undefined ? [] : readResults(before);
    const analysis = await openAnalysis(args.positionals, args, context);
    checkPolicies([analysis], args.positionals, args);
    const verification = analysis.verification(forbidden);
    if (mode !== 'troubleshoot' && verification.count === 0) {
      throw new CannotAnswer(['verify: got no pair to try, expected workloads with known ports']);
    }
    switch (mode) {
      case 'plan':
        for (const line of untriedLines(verification.untried)) {
          await context.io.stderr.write(`ml-netpol: not tried: ${line}\n`);
        }
        return written(verification.yaml(args.text('image') ?? IMAGE), analysis, context);
      case 'script':
        return written(verification.script(), analysis, context);
      case 'troubleshoot': {
        const name = args.text('troubleshoot') ?? '';
        const isNamespace = verification.namespaces.includes(name);
        const of = isNamespace ? name : workloadOf(analysis, name);
        return written(verification.troubleshooting(of), analysis, context);
      }
      case 'results': {
        const file = results ?? '';
        const assertions = verification.compare({ after: seen, before: earlier, file });
        return answer({ ...analysis.about, query: 'test', assertions }, outputs, args, context);
      }
    }
  },
};

/** Some pairs of each reason. */
function untriedLines(untried: Verification['untried']): string[] {
  return [...new Set(untried.map(({ why }) => why))].map((why) => {
    const pairs = untried
      .filter((one) => one.why === why)
      .map(({ from, to }) => `${from} -> ${to}`);
    const more = pairs.length > SHOWN ? ` and ${pairs.length - SHOWN} more` : '';
    return `${why}: ${pairs.slice(0, SHOWN).join(', ')}${more}`;
  });
}

function modeOf(args: Args): (typeof MODES)[number] {
  const given = MODES.filter((mode) => args.has(mode) || args.text(mode) !== undefined);
  const [mode, ...others] = given;
  if (mode === undefined || others.length > 0) {
    const got = given.length === 0 ? 'none' : given.map((one) => `--${one}`).join(' and ');
    const expected = `one of ${MODES.map((one) => `--${one}`).join(', ')}`;
    throw new CannotAnswer([`verify: got ${got}, expected ${expected}`]);
  }
  if (args.text('before') !== undefined && mode !== 'results') {
    refuse('verify: --before', args.text('before') ?? '', '--results beside it');
  }
  return mode;
}

function countOf(text: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : refuse('--forbidden', text, 'a count of pairs');
}

function workloadOf({ workloads }: Analysis, name: string): string {
  const end = new Names(workloads).one('--troubleshoot', name);
  return end.kind === 'workload' ? end.id : refuse('--troubleshoot', name, 'a workload');
}

/** What cannot be read is told beside what is written, and the exit code says so. */
async function written(text: string, { about }: Analysis, { io }: Context): Promise<number> {
  await io.stdout.write(text);
  for (const problem of about.problems) {
    await io.stderr.write(`ml-netpol: ${problemText(problem)}\n`);
  }
  return about.problems.length > 0 ? 2 : 0;
}
