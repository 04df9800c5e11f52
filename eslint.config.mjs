// What a compiler cannot see and a reviewer should not have to. Layout is Prettier's: no rule here is
// about style. Who may import whom is dependency-cruiser's (.dependency-cruiser.cjs).

import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'export by name: one thing has one name everywhere',
};

const noBareError = {
  selector: ':matches(NewExpression, CallExpression)[callee.name="Error"]',
  message: 'throw what says got, expected and fix (values/problem.ts), not a bare Error',
};

export default defineConfig(
  globalIgnores(['imports/', 'lib/', 'dist/', '.jsii-dist/', '**/fixtures/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,

  {
    files: ['src/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      complexity: ['error', 15],
      'max-lines': ['error', 500],
      'max-params': ['error', 4],
      'no-console': 'error',
      'no-restricted-syntax': ['error', noDefaultExport, noBareError],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        // A default beside complete cases would swallow the case that is added next year.
        { considerDefaultExhaustiveForUnions: false, allowDefaultCaseForExhaustiveSwitch: false },
      ],

      // Numbers read the same in every template; the other types keep needing a conversion.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // jsii knows no free functions: factories are static members, a chart is often a constructor only.
      '@typescript-eslint/no-extraneous-class': [
        'error',
        { allowStaticOnly: true, allowConstructorOnly: true },
      ],
      // jsii wants one named interface per construct, even where it adds nothing to its parent.
      '@typescript-eslint/no-empty-object-type': [
        'error',
        { allowInterfaces: 'with-single-extends' },
      ],
      // `list.forEach((x) => visit(x))` hides nothing.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  { files: ['src/cli/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    // Registries whose members are loaded when asked for: who asks for the version waits for nothing.
    files: ['src/report/index.ts', 'src/validation/index.ts', 'src/cli/**/*.ts'],
    rules: {
      '@typescript-eslint/no-require-imports': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
    },
  },
  {
    // Functions of their arguments. Their imports are dependency-cruiser's, globals are not imported.
    files: ['traffic', 'render', 'engine', 'rules', 'report'].map((name) => `src/${name}/**/*.ts`),
    rules: { 'no-restricted-globals': ['error', 'process', 'console', 'fetch', 'setTimeout'] },
  },

  // Tests and examples: no type information needed, they are read more than they are extended.
  {
    files: ['test/**/*.ts', 'examples/**/*.ts', 'bench/**/*.ts'],
    extends: [tseslint.configs.recommended],
    rules: { '@typescript-eslint/consistent-type-imports': 'error' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
      },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { globals: { module: 'writable', require: 'readonly' } },
  },
);
