// Tables of docs/cluster-profiles.md, read from the code: data from the built library, words and
// sources from the doc comments beside that data.

import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root } from '../run.mjs';

/** Markdown by the name that `<!-- generated: name -->` asks for. */
export const TABLES = {
  distributions,
  'distribution-notes': distributionNotes,
  cnis,
  'cni-notes': cniNotes,
};

function library() {
  return createRequire(import.meta.url)(path.join(root, 'lib', 'src', 'index.js'));
}

function profiles() {
  const { ClusterProfile } = library();
  return distributionNames().map((name) => ClusterProfile[name]()._data);
}

/** The generic one first, the others by name. */
function distributionNames() {
  const files = readdirSync(path.join(root, 'src', 'cluster', 'distributions'));
  const names = files
    .map((file) => path.basename(file, '.ts'))
    .filter((name) => name !== 'defaults');
  return ['generic', ...names.filter((name) => name !== 'generic').sort()];
}

function distributions() {
  const rows = profiles().map(({ name, cni, dns, apiServer, metadataAddresses }) => [
    `\`${name}()\``,
    cni.name,
    dnsText(dns),
    apiServer.ports.join(', '),
    apiServer.webhookCallers === undefined ? 'itself' : podsText(apiServer.webhookCallers),
    metadataAddresses.map((address) => address.replace(/\/\d+$/, '')).join(' · '),
  ]);
  const head = ['profile', 'CNI', 'DNS', 'API server ports', 'calls webhooks through', 'metadata'];
  return table(head, rows);
}

function distributionNotes() {
  return distributionNames()
    .map((name) => item(`${name}()`, headerOf(`src/cluster/distributions/${name}.ts`)))
    .join('\n');
}

function cnis() {
  const { Cni } = library();
  const rows = cniDocs().map(({ name }) => {
    const cni = Cni[name]._data;
    const facts = [
      ...['enforces', 'ipBlockMatchesPods', 'ipBlockMatchesNodes'],
      ...['nodeTrafficImplicit', 'policyBeforeDnat'],
    ];
    return [`\`Cni.${name}\``, ...facts.map((fact) => verdict(cni[fact]))];
  });
  const head = [
    '',
    'enforces',
    '`ipBlock` matches pods',
    'and nodes',
    'own node always let in',
    'egress sees the Service address',
  ];
  return table(head, rows);
}

function cniNotes() {
  return cniDocs()
    .map(({ name, docs }) => {
      const text = [docs.summary, docs.remarks].filter(Boolean).join(' ');
      const see = docs.see === undefined ? '' : ` <${docs.see}>`;
      return item(`Cni.${name}`, `${text}${see}`);
    })
    .join('\n');
}

/** Every ready-made `Cni` with its doc comment, in the order of the code. */
function cniDocs() {
  const { types } = JSON.parse(readFileSync(path.join(root, '.jsii'), 'utf8'));
  const { properties } = types['cdk8s-ml-netpol.Cni'];
  return properties
    .filter((property) => property.static)
    .sort((a, b) => a.locationInModule.line - b.locationInModule.line);
}

function dnsText({ pods, port, addresses }) {
  const groups = pods.map((group) => `${podsText(group)} on ${port}`);
  return [...groups, ...addresses.map((address) => `${address} on 53`)].join(' · ');
}

function podsText({ namespace, labels }) {
  const text = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return `\`${text.join(',')}\` in ${namespace}`;
}

function verdict(fact) {
  if (fact === undefined) return 'unknown';
  return fact ? 'yes' : 'no';
}

/** The comment at the top of a file. */
function headerOf(file) {
  const [, comment = ''] =
    /^\/\*\*\n(.*?)\n \*\/$/ms.exec(readFileSync(path.join(root, file), 'utf8')) ?? [];
  return comment.replace(/^ \* ?/gm, '');
}

/** An item of a list, in lines of at most 100 characters. */
function item(name, text) {
  const lines = [`- **\`${name}\`**`];
  for (const word of text.trim().split(/\s+/)) {
    const last = lines.at(-1);
    if (`${last} ${word}`.length > 100) lines.push(`  ${word}`);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.join('\n');
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
