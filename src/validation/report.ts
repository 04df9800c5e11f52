/** Manifests -> lint -> a report of cdk8s-cli: violations with the constructs that wrote the objects. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Finding, ResultProblem } from '../engine/result';
import { World } from '../engine/world';
import { clusterOf } from '../read/cluster-of';
import { readPaths } from '../read/files';
import { countText, placeText } from '../report/words';
import { lint } from '../rules/lint';
import { isObjection } from '../engine/severity';
import { ruleOf } from '../rules/rule-of';
import { today } from '../values/today';
import type { Context, ViolatingResource, Violation } from './context';
import type { Settings } from './settings';

/** Written beside the manifests, and no manifest: workloads of others, facts of the cluster. */
const MODEL_FILE = 'traffic-model.jsonl';

export function report(
  { manifests, metadata, report: told }: Context,
  { failOn, rules }: Settings,
): void {
  const input = readPaths([...manifests, ...modelsBeside(manifests)]);
  const world = new World(clusterOf(input));
  const severities = Object.fromEntries(
    Object.entries(rules).map(([rule, word]) => [ruleOf('cdk8s.yaml: rules', rule).code, word]),
  );
  const result = lint(world, input, { today: today(), severities });
  const open = result.findings.filter(({ acknowledged }) => acknowledged === undefined);
  for (const one of [...problems(result.problems), ...violations(open, metadata)]) {
    told.addViolation(one);
  }
  const bad = open.filter((one) => isObjection(one, failOn));
  // what could not be read may hide anything
  const failed = bad.length > 0 || result.problems.length > 0;
  told.submit(failed ? 'failure' : 'success', {
    Findings: `${open.length}, ${bad.length} at ${failOn} or above`,
    Acknowledged: String(result.findings.length - open.length),
    'Not analyzed': countText(result.notAnalyzed.length, 'object'),
  });
}

/** In the folders of the manifests, and above: charts may have folders of their own. */
function modelsBeside(manifests: readonly string[]): string[] {
  const folders = manifests.map((file) => dirname(file));
  const all = new Set(folders.flatMap((folder) => [folder, dirname(folder)]));
  return [...all].map((folder) => join(folder, MODEL_FILE)).filter((file) => existsSync(file));
}

/** One for each rule and the same change. */
function violations(findings: readonly Finding[], metadata: Context['metadata']): Violation[] {
  const found = new Map<string, Violation & { readonly violatingResources: ViolatingResource[] }>();
  for (const finding of findings) {
    const { code, name, severity, message, fix } = finding;
    const key = [code, severity, message, fix].join('\n');
    const resource = resourceOf(finding, metadata);
    const known = found.get(key);
    if (known !== undefined) known.violatingResources.push(resource);
    else {
      const ruleName = `${severity} ${code} ${name}`;
      found.set(key, { ruleName, recommendation: message, fix, violatingResources: [resource] });
    }
  }
  return [...found.values()];
}

function resourceOf(finding: Finding, metadata: Context['metadata']): ViolatingResource {
  const { at, got, expected } = finding;
  return {
    resourceName: nameOf(finding, metadata),
    locations: [`${placeText(at)}: got ${got}, expected ${expected}`],
    manifestPath: at.file,
  };
}

/** cdk8s-cli looks construct paths up by this name; a bare name may be another object's. */
function nameOf({ object, at }: Finding, metadata: Context['metadata']): string {
  const [kind = '', id = ''] = object.split(' ');
  const name = id.slice(id.indexOf('/') + 1);
  const keys = [id.includes('/') ? `${kind}/${id}` : `${kind}//${id}`, name];
  const known = keys.find((key) => {
    return at.constructPath !== undefined && metadata[key]?.path === at.constructPath;
  });
  return known ?? object;
}

function problems(all: readonly ResultProblem[]): Violation[] {
  return all.map((problem) => ({
    ruleName: `unreadable ${problem.code}`,
    recommendation: `got ${problem.got}, expected ${problem.expected}`,
    fix: problem.fix,
    violatingResources: [
      {
        resourceName: problem.file,
        locations: [placeText(problem)],
        manifestPath: problem.file,
      },
    ],
  }));
}
