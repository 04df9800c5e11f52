/**
 * Whether what is registered is what there is: every rule and every command has its file, its test and
 * its entry, every rule its page. What is missing is told as the line to add. Formats: test/report.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS } from '../src/cli/commands';
import { RULES } from '../src/rules';
import { EXPIRED, UNUSED } from '../src/rules/lint';

const ROOT = join(__dirname, '..');

const rules = RULES.map(({ name }) => name);
const ruleFiles = filesOf('src/rules', '.ts').filter((name) =>
  textOf(`src/rules/${name}.ts`).includes(': Rule = {'),
);
/** Every name that is known anywhere. */
const names = [...new Set([...rules, ...ruleFiles])].sort();

describe('rules', () => {
  test('are those of src/rules', () => {
    const missing = names
      .filter((name) => !rules.includes(name))
      .map(
        (name) =>
          `src/rules/index.ts: import { ${camel(name)} } from './${name}'; and ${camel(name)} in RULES`,
      );
    const absent = names
      .filter((name) => !ruleFiles.includes(name))
      .map((name) => `src/rules/${name}.ts: export const ${camel(name)}: Rule = {`);
    expect([...missing, ...absent]).toEqual([]);
  });

  test('have a test that runs their examples', () => {
    const untested = names
      .filter((name) => !testOf(name).includes(`testRule(${camel(name)}`))
      .map((name) => `test/rules/${name}.test.ts: testRule(${camel(name)}, {});`);
    expect(untested).toEqual([]);
  });

  test('have a page, and there is no other page', () => {
    const pages = filesOf('docs/rules', '.md').filter((name) => name !== 'README');
    const wrong = [
      ...names.filter((name) => !pages.includes(name)),
      ...pages.filter((name) => !names.includes(name)),
    ].map((name) => `docs/rules/${name}.md: npm run docs:rules`);
    expect(wrong).toEqual([]);
  });

  test('stand by code, and no code or name stands twice', () => {
    const codes = RULES.map(({ code }) => code);
    expect(codes).toEqual([...codes].sort());
    const all = [...RULES, UNUSED, EXPIRED];
    expect(twice(all.map(({ code }) => code))).toEqual([]);
    expect(twice(all.map(({ name }) => name))).toEqual([]);
  });

  test.each([...RULES, UNUSED, EXPIRED])('$code $name is of a layer', ({ code, name }) => {
    expect(code).toMatch(/^MLN[1-5]\d\d$/);
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });
});

describe('commands', () => {
  const commands = COMMANDS.map(({ name }) => name);
  /** Files beside the commands: what they share. */
  const files = filesOf('src/cli/commands', '.ts').filter(
    (name) => /: Command\b/.test(textOf(`src/cli/commands/${name}.ts`)) && name !== 'index',
  );

  test('are those of src/cli/commands', () => {
    const missing = files
      .filter((name) => !commands.includes(name))
      .map((name) => `src/cli/commands/index.ts: ${name} in COMMANDS`);
    const absent = commands
      .filter((name) => !files.includes(name))
      .map((name) => `src/cli/commands/${name}.ts: export const ${name}: Command = {`);
    expect([...missing, ...absent]).toEqual([]);
  });

  test('have a test', () => {
    const tests = filesOf('test/cli/commands', '.test.ts');
    expect(commands.filter((name) => !tests.includes(name))).toEqual([]);
  });
});

/** Names of the files of a folder that end so, without that end. */
function filesOf(folder: string, end: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith(end))
    .map((file) => file.slice(0, -end.length))
    .sort();
}

function textOf(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function testOf(name: string): string {
  return filesOf('test/rules', '.test.ts').includes(name)
    ? textOf(`test/rules/${name}.test.ts`)
    : '';
}

/** `dns-udp-only` -> `dnsUdpOnly` */
function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function twice(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}
