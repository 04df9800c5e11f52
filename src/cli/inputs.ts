/** Opens manifests, and refuses what no answer could be trusted about: nothing there, or no policies. */
import { existsSync } from 'node:fs';
import type { ResultProblem } from '../engine/result';
import { printable } from '../report/words';
import type { Analysis } from './analysis';
import type { Args } from './arguments';
import { CannotAnswer } from './cannot-answer';
import type { Context } from './command';

export async function openAnalysis(
  paths: readonly string[],
  args: Args,
  { io, analyzer }: Context,
): Promise<Analysis> {
  const profile = args.text('profile');
  checkPaths(paths, profile);
  const stdin = paths.includes('-') ? await io.stdin() : undefined;
  const analysis = analyzer().open({
    paths,
    ...(stdin === undefined ? {} : { stdin }),
    ...(profile === undefined ? {} : { profile }),
  });
  const { counts, problems, notAnalyzed } = analysis.about;
  const known = counts.workloads + counts.policies + counts.namespaces;
  // a file that was not read is named among the problems, and is no answer by itself
  const named = notAnalyzed.filter(({ kind }) => kind !== 'unknown');
  if (known + named.length > 0) return analysis;
  const where = paths.join(' ');
  if (problems.length > 0) throw new CannotAnswer(problems.map(problemText));
  throw new CannotAnswer([`${where}: got nothing, expected Kubernetes objects in YAML or JSON`]);
}

/** Refuses inputs without a policy: that everything is allowed is hardly what was asked. */
export function checkPolicies(
  analyses: readonly Analysis[],
  paths: readonly string[],
  args: Args,
): void {
  if (args.has('without-policies')) return;
  // a policy that is not understood is one: the answer names it
  if (analyses.some(({ about }) => about.counts.policies + about.notAnalyzed.length > 0)) return;
  const problems = analyses.flatMap(({ about }) => about.problems.map(problemText));
  throw new CannotAnswer([
    `${paths.join(' ')}: got no policies, expected at least one; ` +
      'fix: name the folder that holds them, or --without-policies',
    ...problems,
  ]);
}

/** `dist/x.yaml:3:2: yaml-syntax: got a tab, expected spaces; fix: …`, one line. */
export function problemText(problem: ResultProblem): string {
  const { file, line, column, code, got, expected, fix } = problem;
  const place = line >= 1 ? `${file}:${line}:${column}` : file;
  return printable(`${place}: ${code}: got ${got}, expected ${expected}; fix: ${fix}`);
}

function checkPaths(paths: readonly string[], profile: string | undefined): void {
  if (paths.length === 0) {
    throw new CannotAnswer(['got no input, expected a file, a folder, a glob, or - for stdin']);
  }
  const named = profile === undefined ? paths : [...paths, profile];
  const missing = named.filter((path) => path !== '-' && !isGlob(path) && !existsSync(path));
  if (missing.length > 0) {
    throw new CannotAnswer(missing.map((path) => `${path}: no such file or folder`));
  }
}

function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}
