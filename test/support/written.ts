/** What an app wrote to a folder: the text of its YAML files, and their documents as they stand. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../naive/load-yaml';

/** All YAML files below the folder in one text, each under its name. */
export function yamlText(folder: string): string {
  return yamlFiles(folder)
    .map((file) => `# ${file.replaceAll('\\', '/')}\n${readFileSync(join(folder, file), 'utf8')}`)
    .join('\n');
}

/** Every document of a kind below the folder. */
export function documents(folder: string, kind: string): Manifest[] {
  return yamlFiles(folder)
    .flatMap((file) => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
    .map((document) => document.toJS() as Manifest)
    .filter((manifest) => manifest.kind === kind);
}

function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.yaml'))
    .sort();
}
