// Writes docs/API.md from the jsii assembly. With --check it changes nothing, and fails when the
// file differs from what would be written. Either way every public symbol must be documented.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import './build.mjs';
import { fail, root, tool } from './run.mjs';

const undocumented = symbolsWithoutSummary();
if (undocumented.length > 0) fail(`docs-api: no doc comment on\n  ${undocumented.join('\n  ')}`);

const page = path.join(root, 'docs', 'API.md');
const check = process.argv.includes('--check');

const temporary = mkdtempSync(path.join(tmpdir(), 'ml-netpol-docs-'));
const output = path.join(check ? temporary : path.dirname(page), 'API');
mkdirSync(path.dirname(output), { recursive: true });

const args = ['--language', 'typescript', '--format', 'md', '--output', output];
const { ok, output: log } = tool('jsii-docgen', 'jsii-docgen', args, { quiet: true });
const differs =
  check && !(existsSync(page) && readFileSync(page).equals(readFileSync(`${output}.md`)));
rmSync(temporary, { recursive: true });

if (!ok) fail(`${log}\ndocs-api: jsii-docgen failed`);
if (differs) fail('docs/API.md differs from the code\nfix: npm run docs:api');

function symbolsWithoutSummary() {
  const { types = {} } = JSON.parse(readFileSync(path.join(root, '.jsii'), 'utf8'));
  return Object.values(types).flatMap((type) =>
    [type, ...(type.methods ?? []), ...(type.properties ?? []), ...(type.members ?? [])]
      .filter((symbol) => !symbol.docs?.summary && !symbol.overrides)
      .map((symbol) => (symbol === type ? type.name : `${type.name}.${symbol.name}`)),
  );
}
