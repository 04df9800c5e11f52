// Prints who may reach whom, on which ports and why, from every traffic-model.jsonl below the given
// folders: what was declared, one block per workload. Exit code 2 where there is nothing to read.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

const MODEL = 'traffic-model.jsonl';

const files = process.argv.slice(2).flatMap(modelsBelow);
if (files.length === 0) stop(`no ${MODEL} below ${process.argv.slice(2).join(', ')}`);
for (const file of files) print(file, readModel(file));

function modelsBelow(folder) {
  try {
    if (!statSync(folder).isDirectory()) return [folder];
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => path.basename(name) === MODEL)
      .map((name) => path.join(folder, name))
      .sort();
  } catch (error) {
    return stop(error.message);
  }
}

function readModel(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      try {
        return JSON.parse(line);
      } catch {
        return stop(`${file}:${index + 1}: not a JSON record`);
      }
    });
}

function print(file, records) {
  const of = (kind) => records.filter(({ record }) => record === kind);
  const [profile] = of('profile');
  const environments = new Set(of('namespace').flatMap(({ environment }) => environment ?? []));
  const title = [...environments].join(', ') || 'no environment';
  console.log(`\n== ${path.dirname(file)}: ${title}, ${profile?.name ?? 'unknown'} cluster`);
  for (const workload of of('workload')) block(workload, of('flow'), of('isolation'));
  for (const { flow, what } of of('waiver')) console.log(`waiver: ${flow}: ${what}`);
}

function block(workload, flows, isolations) {
  const id = `${workload.namespace}/${workload.name}`;
  const directions = ['ingress', 'egress'].filter((direction) =>
    isolations.some((one) => isolates(one, workload, direction)),
  );
  console.log(`\n${id}  isolated: ${directions.join(', ') || 'no'}`);
  const callers = flows.filter(({ to }) => includes(to, workload));
  if (callers.length === 0) console.log('  nobody is declared to reach it');
  const rows = callers
    .map((flow) => [flow.fromName, portsOf(flow, workload), reasonsOf(flow)])
    .sort();
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  for (const [from, ports, reason] of rows) {
    console.log(`  <- ${from.padEnd(widths[0])}  ${ports.padEnd(widths[1])}  ${reason}`);
  }
}

function isolates({ namespace, directions, pods }, workload, direction) {
  if (namespace !== workload.namespace || !directions.includes(direction)) return false;
  return selects(pods, workload.podLabels);
}

/** Declared selectors of workloads and namespaces are labels; others are left to the cluster. */
function selects({ matchLabels, matchExpressions }, labels) {
  const equal = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  return equal && matchExpressions.length === 0;
}

function includes(peer, workload) {
  if (peer.kind === 'workload') {
    return peer.namespace === workload.namespace && peer.name === workload.name;
  }
  if (peer.kind !== 'pods' || peer.namespaces.kind !== 'names') return peer.kind === 'any';
  return (
    peer.namespaces.names.includes(workload.namespace) && selects(peer.pods, workload.podLabels)
  );
}

function portsOf({ ports, to }, workload) {
  const chosen = ports ?? to.ports ?? workload.ports.filter(({ purpose }) => purpose === 'service');
  return chosen
    .map(({ protocol, port, endPort, name }) => {
      if (protocol === undefined) return 'all ports';
      const range = endPort === undefined ? '' : `-${endPort}`;
      return `${protocol} ${port === undefined ? (name ?? 'all') : `${port}${range}`}`;
    })
    .join(', ');
}

function reasonsOf({ reasons }) {
  return [...new Set(reasons.flatMap(({ reason }) => reason ?? []))].join('; ');
}

function stop(message) {
  process.stderr.write(`print-reach: ${message}\n`);
  process.exit(2);
}
