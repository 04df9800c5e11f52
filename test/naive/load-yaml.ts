/**
 * What did a synthesized folder put into the cluster, as the naive evaluator sees it? Reads every
 * *.yaml and *.yml below a folder (several documents a file, `kind: List` unfolded) and sorts them
 * into Namespaces, networking.k8s.io/v1 NetworkPolicies and all the rest. A test adds its own pods:
 *
 *   const world = { ...loadYaml('dist'), pods: [modelApi, bert] };
 *
 * Other policy kinds land in `others`: a test that relies on the answer looks whether there are any.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Labels, NetworkPolicy, World } from './world';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Labels;
    readonly annotations?: Labels;
  };
  readonly [field: string]: unknown;
}

export interface LoadedYaml {
  readonly namespaces: World['namespaces'];
  readonly policies: World['policies'];
  readonly others: readonly Manifest[];
}

export function loadYaml(folder: string): LoadedYaml {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ya?ml$/.test(file))
    .sort();
  // An empty world admits everything, so that a mistyped folder would pass half of all tests.
  if (files.length === 0) throw new Error(`no YAML files in ${folder}`);

  const namespaces: Record<string, { labels: Labels }> = {};
  const policies: NetworkPolicy[] = [];
  const others: Manifest[] = [];
  for (const manifest of files.flatMap((file) => manifestsOf(join(folder, file)))) {
    const { apiVersion, kind, metadata } = manifest;
    if (apiVersion === 'v1' && kind === 'Namespace') {
      namespaces[metadata.name] = { labels: metadata.labels ?? {} };
    } else if (apiVersion === 'networking.k8s.io/v1' && kind === 'NetworkPolicy') {
      policies.push({ spec: {}, ...manifest });
    } else {
      others.push(manifest);
    }
  }
  return { namespaces, policies, others };
}

function manifestsOf(file: string): Manifest[] {
  const documents = parseAllDocuments(readFileSync(file, 'utf8'));
  return documents.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${file}: ${error.message}`, { cause: error });
    return unfold(document.toJS() as unknown, file);
  });
}

function unfold(value: unknown, file: string): Manifest[] {
  if (value === null || value === undefined) return []; // `---` with nothing behind it
  if (isList(value)) return value.items.flatMap((item) => unfold(item, file));
  if (isManifest(value)) return [value];
  throw new Error(`${file}: a document without apiVersion, kind and metadata.name`);
}

function isList(value: object): value is { items: unknown[] } {
  return 'kind' in value && value.kind === 'List' && 'items' in value && Array.isArray(value.items);
}

function isManifest(value: object): value is Manifest {
  const { apiVersion, kind, metadata } = value as Partial<Manifest>;
  return typeof apiVersion === 'string' && typeof kind === 'string' && !!metadata?.name;
}
