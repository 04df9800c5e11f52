// The examples of the pages as programs: each is the main.ts of an app of its own, which sees the
// package, cdk8s and constructs as a user's app does.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { root } from '../run.mjs';

/** What an example may import, besides the package itself. */
const PACKAGES = ['cdk8s', 'cdk8s-plus-28', 'constructs', '@types'];

/** The day on which examples run: whether a flow has expired must not depend on the reader's. */
const TODAY = '2026-01-01';

/** As the stock cdk8s template (cdk8s-cli: templates/typescript-app), but on a present target. */
const COMPILER_OPTIONS = {
  strict: true,
  noFallthroughCasesInSwitch: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  skipLibCheck: true,
  types: ['node'],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  moduleResolution: ts.ModuleResolutionKind.Node10,
  inlineSourceMap: true,
};

/** Compiles all examples at once: { folder, programs, problems }. */
export function compileExamples(blocks) {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ml-netpol-docs-')));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  linkPackages(folder);
  const { programs, problems } = programsOf(folder, blocks);
  for (const { file, text } of programs) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const files = programs.map(({ file }) => file);
  const program = ts.createProgram(files, COMPILER_OPTIONS);
  const { diagnostics } = program.emit();
  const all = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  const told = all.map((diagnostic) => describe(diagnostic, programs));
  return { folder, programs, problems: [...problems, ...new Set(told)] };
}

/**
 * Runs every program in its folder: { results, problems }. Results by page and name: the folder
 * that it wrote to, what it printed, and the message of the error that it ended with.
 */
export function runExamples({ programs }) {
  process.setSourceMapsEnabled(true);
  process.env.SOURCE_DATE_EPOCH = String(Date.parse(TODAY) / 1000);
  delete process.env.CDK8S_OUTDIR;
  const results = new Map();
  const problems = [];
  for (const { block, file, fails } of programs) {
    const folder = path.dirname(file);
    const { error, printed } = ran(file, folder);
    results.set(keyOf(block), { folder, error, printed });
    if (fails && error === undefined) problems.push(`${block.where}: ends without an error`);
    if (!fails && error !== undefined) problems.push(`${block.where}: ${error}`);
  }
  process.chdir(root);
  return { results, problems };
}

/** Examples are known by page and name. */
export function keyOf({ page, name }) {
  return `${page} ${name}`;
}

/**
 * A block without imports continues the first program of its page, a block with `after name` that one:
 * it stands in its place before the program synthesizes.
 */
function programsOf(folder, blocks) {
  const programs = [];
  const problems = [];
  const examples = blocks.filter(({ marker }) => marker === 'example');
  for (const block of examples) {
    const whole = isProgram(block) ? block : programAbove(block, examples);
    const text = whole === block ? block.content : continuation(whole, block.content);
    if (text === undefined) {
      problems.push(`${block.where}: no imports, and no program before it that synthesizes`);
      continue;
    }
    const slug = block.page.replace(/[^\w]+/g, '-');
    const file = path.join(folder, slug, block.name, 'main.ts');
    const fails = blocks.some((other) => other.marker === 'error' && keyOf(other) === keyOf(block));
    if (programs.some((program) => program.file === file)) {
      problems.push(`${block.where}: the page has another example of that name`);
    }
    programs.push({ block, file, fails, text: `${text}\n` });
  }
  return { programs, problems };
}

function isProgram({ content, args }) {
  return /^import /m.test(content) && args === '';
}

function programAbove(block, examples) {
  const [, wanted] = /^after (\S+)$/.exec(block.args) ?? [];
  return examples.find(
    (other) =>
      other.page === block.page &&
      isProgram(other) &&
      (wanted === undefined || other.name === wanted),
  );
}

function continuation(program, snippet) {
  const synth = /^\w+\.synth\(\);$/m.exec(program?.content ?? '');
  if (synth === null) return undefined;
  const [before, after] = [
    program.content.slice(0, synth.index),
    program.content.slice(synth.index),
  ];
  return `${before}${snippet}\n${after}`;
}

function linkPackages(folder) {
  const modules = path.join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of PACKAGES) {
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name), 'junction');
  }
  symlinkSync(root, path.join(modules, 'cdk8s-ml-netpol'), 'junction');
}

function describe({ file, start, messageText }, programs) {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (file === undefined) return message;
  const program = programs.find((one) => path.resolve(one.file) === path.resolve(file.fileName));
  const { line } = file.getLineAndCharacterOfPosition(start);
  const code = file.text.split('\n')[line]?.trim();
  return `${program?.block.where ?? file.fileName}: ${message}\n  ${code}`;
}

function ran(file, folder) {
  process.chdir(folder);
  const printed = [];
  const write = process.stdout.write;
  process.stdout.write = (text) => printed.push(text) > 0;
  try {
    createRequire(file)(file.replace(/ts$/, 'js'));
    return { printed: printed.join('') };
  } catch (error) {
    return { error: error.message, printed: printed.join('') };
  } finally {
    process.stdout.write = write;
  }
}
