// Who may import whom: the design page's section 5, checked. `npm run check:imports` names the rule
// that an import breaks, and why there is one.

/** Folder of src -> the other folders of src that it may import. */
const mayImport = {
  // The writing side, from the declaration to the objects: each knows only what comes before it.
  values: [],
  traffic: ['values'],
  cluster: ['values', 'traffic'],
  render: ['values', 'traffic', 'cluster'],
  constructs: ['values', 'traffic', 'cluster', 'render'],
  catalog: ['values', 'traffic', 'cluster', 'render', 'constructs'],

  // The reading side, from YAML to answers.
  read: ['values'],
  engine: ['values', 'read'],
  rules: ['values', 'read', 'engine'],
  report: ['values', 'read', 'engine'],
  verify: ['values', 'read', 'engine'],
  validation: ['values', 'read', 'engine', 'rules', 'report'],
  testing: ['values', 'read', 'engine', 'rules', 'report'],
  cli: ['values', 'read', 'engine', 'rules', 'report', 'verify'],

  // The one bridge.
  proof: [
    ...['values', 'traffic', 'cluster', 'render', 'constructs', 'catalog'],
    ...['read', 'engine', 'rules', 'report'],
  ],
};

const folders = Object.keys(mayImport);
const anyOf = (names) => `^src/(${names.join('|')})/`;

const why = {
  values: 'Values are what both sides share: whatever they knew, both sides would know.',
  traffic: 'What is declared is plain data; it knows neither a cluster nor YAML.',
  cluster: 'A profile states facts about a cluster; it knows nothing of what is written for it.',
  render: 'A dialect is a function of model and profile; it must not know who declared the flows.',
  constructs: 'A construct must work without the catalogue, which is made of constructs.',
  catalog: 'The catalogue writes; a reader that it used could no longer prove what it wrote.',
  read: 'The reader must not know what is asked of the text, nor who wrote it.',
  engine: 'The engine proves what the writer wrote, so it shares no code with it but the values.',
  rules: 'A rule judges what the engine found; how it is printed is not its business.',
  report: 'A report sees only the result as data, so that a saved one can be printed later.',
  verify: 'What is tried in a cluster follows from what the engine says, not from who wrote it.',
  validation: 'The cdk8s-cli plug-in reads YAML like every other reader.',
  testing: 'The matchers read YAML like every other reader.',
  cli: 'The command line holds no policy knowledge, and cannot need the writing side.',
  proof: 'The proof runs the readers on what the writers wrote; users start it through index.ts.',
};

const foldersKeepTheirPlace = folders.map((folder) => ({
  name: `${folder}-imports-only-what-it-may`,
  severity: 'error',
  comment: why[folder],
  from: { path: anyOf([folder]) },
  to: {
    path: anyOf(folders.filter((other) => other !== folder && !mayImport[folder].includes(other))),
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...foldersKeepTheirPlace,
    {
      name: 'no-unknown-folder',
      severity: 'error',
      comment: 'A folder that is not in the list above has no place yet: give it one.',
      from: {},
      to: { path: '^src/[^/]+/', pathNot: anyOf(folders) },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Files in a cycle can only be understood, tested and moved together.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nobody-imports-the-index',
      severity: 'error',
      comment: 'index.ts is for users; inside, it would tie every file to every other one.',
      from: { path: '^src/' },
      to: { path: '^src/index\\.ts$' },
    },
    {
      name: 'only-the-index-registers-the-proof',
      severity: 'error',
      comment:
        'The writing side must not know that it is checked: no short cut for either of them.',
      from: { path: '^src/', pathNot: '^src/(index\\.ts$|proof/)' },
      to: { path: '^src/proof/' },
    },
    {
      name: 'src-stands-alone',
      severity: 'error',
      comment: 'Only src (and what it imports of imports/) is packed.',
      from: { path: '^src/' },
      to: { path: '^(test|examples|scripts|bench)/' },
    },
    {
      name: 'only-renderers-use-generated-imports',
      severity: 'error',
      comment: 'What an object looks like is the business of its dialect; generated types change.',
      from: { path: '^src/', pathNot: '^src/render/' },
      to: { path: '^imports/' },
    },
    {
      name: 'pure-folders-touch-nothing',
      severity: 'error',
      comment:
        'Functions of their arguments: files are opened in read/files.ts, the cli and where the ' +
        'platform writes. (The globals process and console are refused by ESLint.)',
      from: { path: anyOf(['traffic', 'render', 'engine', 'rules', 'report']) },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(assert|crypto|path|url|util)(/|$)' },
    },
    {
      name: 'no-cdk8s-plus',
      severity: 'error',
      comment:
        'cdk8s-plus is an optional peer, and the types of its versions are incompatible: its objects ' +
        'are read through Workload.fromObject, as any construct.',
      from: { path: '^src/' },
      to: { path: '(^|/)cdk8s-plus-[0-9]+' },
    },
    {
      name: 'only-what-users-have-installed',
      severity: 'error',
      comment:
        'A development dependency, or an undeclared one, is missing where the package is used.',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown'],
        dependencyTypesNot: ['npm-peer'],
      },
    },
    {
      name: 'not-unreachable-from-test',
      severity: 'error',
      comment:
        'A file that no test reaches is not tested. (index.ts has nothing to test but exports.)',
      from: { path: '^test/.*\\.test\\.ts$' },
      to: { path: '^src/', pathNot: '^src/index\\.ts$', reachable: false },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'An import that leads nowhere fails at run time, and hides from every rule above.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Types are knowledge too: an import of types alone counts.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: ['node_modules', '^imports/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
    },
  },
};
