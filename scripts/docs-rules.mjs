// Writes docs/rules: an index of all rules and a page for each, made of the rule itself. What a page
// says is reported for its bad example is what the rule says when it is run. Pages of rules that are
// gone are removed. With --check it changes nothing, and fails naming the pages that differ.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import './build.mjs';
import { fail, root } from './run.mjs';

const FOLDER = 'docs/rules';

const { RULES } = built('rules/index.js');
const { EXPIRED, UNUSED } = built('rules/lint.js');
const { World } = built('engine/world.js');
const { clusterOf } = built('read/cluster-of.js');
const { readText } = built('read/read-text.js');

const check = process.argv.includes('--check');
const folder = path.join(root, FOLDER);
const pages = new Map([
  ['README.md', index()],
  ...RULES.map((rule) => [`${rule.name}.md`, pageOf(rule)]),
]);
const present = existsSync(folder) ? readdirSync(folder).sort() : [];
const stale = present.filter((name) => !pages.has(name));
const differing = [...pages].filter(([name, text]) => textOf(name) !== text);

if (check) {
  const problems = [
    ...stale.map((name) => `${FOLDER}/${name}: there is no rule of that name`),
    ...differing.map(([name]) => `${FOLDER}/${name} differs from the rule`),
  ];
  if (problems.length > 0) fail([...problems, 'fix: npm run docs:rules'].join('\n'));
} else {
  mkdirSync(folder, { recursive: true });
  for (const name of stale) rmSync(path.join(folder, name), { recursive: true });
  for (const [name, text] of differing) writeFileSync(path.join(folder, name), text);
}
const removed = stale.map((name) => `, ${name} removed`).join('');
process.stdout.write(`docs: ${RULES.length} rules, ${differing.length} pages changed${removed}\n`);

function built(file) {
  return createRequire(import.meta.url)(path.join(root, 'lib', 'src', file));
}

function textOf(name) {
  return present.includes(name) ? readFileSync(path.join(folder, name), 'utf8') : undefined;
}

function index() {
  const linked = RULES.map((rule) => ({ ...rule, shown: `[${rule.name}](${rule.name}.md)` }));
  const own = [UNUSED, EXPIRED].map((rule) => ({ ...rule, shown: rule.name }));
  const rows = [...linked, ...own]
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, shown, severity, summary }) => [code, shown, severity, cell(summary)]);
  const table = [
    ['code', 'rule', 'severity', 'what is wrong'],
    ['---', '---', '---', '---'],
    ...rows,
  ];
  return `# Rules

What \`ml-netpol lint\` judges. The hundreds of a code are the layer: 1 namespaces, 2 network policies
and what they cut, 3 the mesh, 4 requests, 5 hygiene. A page shows what its rule finds, when it does
not apply, and how to acknowledge a finding.

${table.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}

Rules without a page judge [acknowledgements](../constructs/acknowledge.md) and the baseline.

\`npm run docs:rules\` writes these pages; \`npm run docs:rules:check\` compares.
`;
}

function pageOf(rule) {
  const { code, name, severity, summary, why, whenNot, sources, examples } = rule;
  return `# ${code} ${name}

## What it finds

${severity === 'error' ? 'An error' : `A ${severity}`}: ${summary}.

## Why

${why}

## Bad

${exampleText(examples.bad)}

## What is reported

${fence('text', reported(rule))}

## Good

${exampleText(examples.good)}

## When not

${whenNot}

## Acknowledge it

With the reason, on the object or on its Namespace:

${fence('yaml', `metadata:\n  annotations:\n    cdk8s-ml-netpol/acknowledge: '${code}: why it is accepted'`)}

In a chart, [\`Acknowledge\`](../constructs/acknowledge.md) writes it:

${fence('ts', `Acknowledge.finding(construct, { code: '${code}', reason: 'why it is accepted' });`)}

## Sources

${sources.map((source) => `- ${linkTo(source)}`).join('\n')}

[All rules](README.md)
`;
}

function exampleText({ yaml, profile }) {
  const objects = fence('yaml', yaml.trim());
  if (profile === undefined) return objects;
  const facts = JSON.stringify(JSON.parse(profile), undefined, 2);
  return `${objects}\n\nIn a cluster of this profile:\n\n${fence('json', facts)}`;
}

/** What the rule says about its bad example. A rule that finds nothing there is a mistake. */
function reported(rule) {
  const { yaml, profile = '{}' } = rule.examples.bad;
  // trimmed as it is shown, so that the lines are those of the page
  const input = readText('example.yaml', `${yaml.trim()}\n`);
  const cluster = clusterOf(input);
  const facts = { ...cluster.profile, ...JSON.parse(profile) };
  const found = rule.check(new World({ ...cluster, profile: facts }));
  if (input.problems.length > 0 || found.length === 0) {
    fail(`src/rules/${rule.name}.ts: got a bad example without a finding, expected one`);
  }
  return found.map((one) => findingText(rule, one)).join('\n\n');
}

function findingText(rule, { at, object, message, got, expected, fix, severity }) {
  return [
    `${at.file}:${at.line}:${at.column} ${severity ?? rule.severity} ${object}: ${message}`,
    ...Object.entries({ got, expected, fix }).map(([word, text]) => `  ${word}: ${text}`),
  ].join('\n');
}

/** `owner/repo#1`, `owner/repo:path` or an address. */
function linkTo(source) {
  if (/^https?:/.test(source)) return `<${source}>`;
  const [, repo, mark, rest] = /^([\w.-]+\/[\w.-]+)([#:])(.+)$/.exec(source) ?? [];
  if (repo === undefined) {
    return fail(`got source ${source}, expected owner/repo#number, owner/repo:path or an address`);
  }
  const where = mark === '#' ? `issues/${rest}` : `blob/HEAD/${rest}`;
  return `[${source}](https://github.com/${repo}/${where})`;
}

function fence(language, text) {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function cell(text) {
  return text.replaceAll('|', '\\|');
}
