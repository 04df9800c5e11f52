/** What a rule proposes in TypeScript compiles in a chart that knows the namespace and the workload. */
import { join } from 'node:path';
import ts from 'typescript';
import * as library from '../../src';
import { RULES } from '../../src/rules';
import { check } from '../support/rules';

const ROOT = join(__dirname, '../..');
const FILE = join(__dirname, 'fixes.generated.ts');

const fixes = RULES.flatMap(({ code, examples, ...rule }) =>
  check({ code, examples, ...rule }, examples.bad).map(({ fix }) => ({ code, fix })),
).filter(({ fix }) => /^(new )?[A-Za-z]+(\.[a-z][A-Za-z]*)?\(/.test(fix));

test('the fixes of every rule that names a construct are TypeScript that compiles', () => {
  expect([...new Set(fixes.map(({ code }) => code))].sort()).toEqual([
    'MLN102',
    'MLN203',
    'MLN219',
    'MLN222',
    'MLN401',
  ]);
  expect(problemsOf(fixes.map(({ fix }) => fix))).toEqual([]);
});

test('a fix with a misspelt option does not compile', () => {
  expect(problemsOf([`new DnsEgress(this, 'dns', { namespaces: [namespace] })`])).toHaveLength(1);
});

/** What the compiler says of a chart that holds each of the statements in a block of its own. */
function problemsOf(statements: readonly string[]): readonly string[] {
  const text = `
    import { Chart } from 'cdk8s';
    import { ${Object.keys(library).sort().join(', ')} } from '../../src';
    export class Mended extends Chart {
      mend(namespace: MlNamespace, workload: Workload): void {
        ${statements.map((statement) => `{ ${statement}; }`).join('\n        ')}
      }
    }`;
  const { config } = ts.readConfigFile(join(ROOT, 'test/tsconfig.json'), (path) =>
    ts.sys.readFile(path),
  ) as {
    config: unknown;
  };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, join(ROOT, 'test'));
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  const program = ts.createProgram(
    [FILE],
    {
      ...options,
      incremental: false,
      tsBuildInfoFile: undefined,
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    {
      ...host,
      fileExists: (path) => path === FILE || host.fileExists(path),
      getSourceFile: (path, ...others) =>
        path === FILE
          ? ts.createSourceFile(path, text, ts.ScriptTarget.ES2022)
          : read(path, ...others),
    },
  );
  return ts
    .getPreEmitDiagnostics(program, program.getSourceFile(FILE))
    .map(({ messageText, start = 0 }) => {
      const line = text.slice(0, start).split('\n').length;
      return `${text.split('\n')[line - 1]?.trim() ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
}
