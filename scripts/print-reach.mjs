// Prints what was declared, from every traffic-model.jsonl below the given folders: per workload, what
// isolates it, and who may reach it on which ports and why. Exit code 2 without a readable model.

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

const MODEL = 'traffic-model.jsonl';
const isForeign = ({ ownership }) => ownership === 'foreign';
const why = ({ reasons }) => [...new Set(reasons.flatMap(({ reason }) => reason ?? []))].join('; ');

try {
  const folders = process.argv.slice(2);
  if (folders.length === 0) throw new Error('usage: node scripts/print-reach.mjs <folder...>');
  const texts = folders.flatMap(modelsBelow).map((file) => textOf(file, recordsOf(file)));
  console.log(texts.join('\n\n'));
} catch (error) {
  process.stderr.write(`print-reach: ${error.message}\n`);
  process.exitCode = 2;
}

function modelsBelow(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => path.basename(name) === MODEL);
  if (files.length === 0) throw new Error(`${folder}: no ${MODEL}`);
  return files.map((name) => path.join(folder, name));
}

function recordsOf(file) {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const records = lines.map((line, at) => {
    try {
      return JSON.parse(line);
    } catch (cause) {
      throw new Error(`${file}:${at + 1}: not a JSON record`, { cause });
    }
  });
  if (records.some((one) => one?.record === 'model' && one.schema === 1)) return records;
  throw new Error(`${file}: not a traffic model of schema 1`);
}

function textOf(file, records) {
  const of = (kind) => records.filter(({ record }) => record === kind);
  const environments = new Set(of('namespace').flatMap(({ environment }) => environment ?? []));
  const clusters = of('profile').map(({ name, cni }) => `cluster ${name}, CNI ${cni.name}`);
  return [
    `== ${path.dirname(file)}: ${[...environments, ...clusters].join(', ')}`,
    ...subjectsOf(of).map((subject) => blockOf(subject, of)),
    ...of('waiver').map(({ flow, what }) => `waiver: ${flow}: ${what}`),
  ].join('\n\n');
}

/** The workloads, and as a whole the namespaces of ours in which none is declared. */
function subjectsOf(of) {
  const whole = of('namespace')
    .filter((one) => !isForeign(one))
    .filter((one) => of('workload').every(({ namespace }) => namespace !== one.name))
    .map(({ name }) => ({ namespace: name, podLabels: {}, ports: [] }));
  return [...of('workload'), ...whole];
}

function blockOf(subject, of) {
  const inside = of('isolation').filter(({ namespace }) => namespace === subject.namespace);
  const isolations = inside.filter(({ pods }) => selects(pods, subject.podLabels));
  const isolated = isolations.some(({ directions }) => directions.includes('ingress'));
  const theirs = of('namespace').some((one) => isForeign(one) && one.name === subject.namespace);
  const flows = of('flow').filter(({ to }) => isMeant(to, subject, of('namespace')));
  return [
    subject.namespace + (subject.name ? `/${subject.name}` : ''),
    ...table(isolations.map((one) => ['isolated', one.directions.join(', '), `by ${one.by}`])),
    ...(isolated ? [] : [theirs ? '  not ours: others may reach it' : '  anybody reaches it']),
    ...table(flows.map((flow) => [`from ${callerOf(flow)}`, whatOf(flow, subject), why(flow)])),
    ...(isolated && flows.length === 0 ? ['  nobody reaches it'] : []),
  ].join('\n');
}

function table(rows) {
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => row[column].length)));
  const line = ([a, b, c]) => `  ${a.padEnd(widths[0])}  ${b.padEnd(widths[1])}  ${c}`.trimEnd();
  return rows.map(line).sort();
}

function isMeant(to, { namespace, name, serviceAccount, podLabels }, namespaces) {
  if (to.kind === 'any') return true;
  if (to.kind === 'workload') return to.namespace === namespace && to.name === name;
  if (to.kind === 'identity' && to.identity.namespace === namespace)
    return (to.identity.name ?? serviceAccount) === serviceAccount;
  if (to.kind !== 'pods' || !selects(to.pods, podLabels)) return false;
  const { kind, names, selector } = to.namespaces;
  const labels = namespaces.find((one) => one.name === namespace)?.labels ?? {};
  return kind === 'names' ? names.includes(namespace) : kind === 'all' || selects(selector, labels);
}

function selects({ matchLabels, matchExpressions }, labels) {
  const equal = ([key, value]) => labels[key] === value;
  const holds = ({ key, operator, values }) => {
    const found = operator.endsWith('In') ? values.includes(labels[key]) : key in labels;
    return found === ['In', 'Exists'].includes(operator);
  };
  return Object.entries(matchLabels).every(equal) && matchExpressions.every(holds);
}

/** Pods of the platform go by a short name, which could be read as a whole namespace. */
function callerOf({ from, fromName }) {
  const labels = Object.entries(from.pods?.matchLabels ?? {}).map((label) => label.join('='));
  const told = labels.length === 0 || fromName.startsWith('pods ');
  return told ? fromName : `${fromName} (${labels.join(',')} in ${from.namespaces.names})`;
}

/** Ports, and which requests on them where these are limited. */
function whatOf(flow, subject) {
  const requests = flow.http.map(requestOf).join('; ');
  return `${portsOf(flow, subject)}${requests && ` ${requests}`}`;
}

function requestOf({ methods, paths, hosts, jwt }) {
  const parts = [
    methods.join('|') || 'any method',
    paths.join('|') || 'any path',
    hosts.length > 0 && `at ${hosts.join('|')}`,
    jwt && `with a token of ${jwt.issuer}`,
  ];
  return parts.filter(Boolean).join(' ');
}

function portsOf({ ports, to }, subject) {
  const service = (list = []) => list.filter(({ purpose }) => purpose === 'service');
  const offered = to.kind === 'workload' ? to.ports : service(to.ports);
  return (ports ?? offered ?? service(subject.ports)).map(portOf).join(', ');
}

function portOf({ protocol = '', port, endPort, name }) {
  if ((port ?? name) === undefined) return `all ${protocol}${protocol && ' '}ports`;
  return `${protocol} ${port ?? name}${endPort === undefined ? '' : `-${endPort}`}`;
}
