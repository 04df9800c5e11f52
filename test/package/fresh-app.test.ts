/**
 * Does the packed library work where it is used: in an app fresh from the stock cdk8s template, with
 * the template's own tsconfig and the newest peers? The template's files come from the installed
 * cdk8s-cli, because `cdk8s init` wants a download; what it would install comes from the registry.
 * `npm test` builds lib/ first, and that is what is packed.
 */

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LoadedYaml } from '../naive/load-yaml';
import { loadYaml } from '../naive/load-yaml';
import { allowed } from '../naive/network-policy';
import type { Endpoint, Labels, Pod } from '../naive/world';
import { describeWhere, onCi } from '../shared';

const root = path.join(__dirname, '..', '..');
const cli = path.join(root, 'node_modules', 'cdk8s-cli');

const registry = run(root, 'npm', [
  'view',
  'cdk8s',
  'version',
  '--fetch-retries=0',
  '--fetch-timeout=15000',
]);
const why = 'the npm registry cannot be reached';
if (!registry.ok && !onCi) process.stdout.write(`skipped: test/package/fresh-app, ${why}\n`);

describeWhere(registry.ok, `${why}\n${registry.output}`, 'an app fresh from the template', () => {
  let folder: string;
  let app: string;
  let tarball: string;
  let packed: string[];

  beforeAll(() => {
    // realpath: macOS keeps its temporary folder behind a link, and node names modules without it.
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'ml-netpol-fresh-app-')));
    const [report] = JSON.parse(
      succeed(root, 'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]),
    ) as { filename: string; files: { path: string }[]; bundled: string[] }[];
    tarball = path.join(folder, report.filename);
    app = path.join(folder, 'team');
    copyTemplate(app, tarball);
    succeed(app, 'npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']);
    packed = filesBelow(path.join(app, 'node_modules', 'cdk8s-ml-netpol'));
  }, 180_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('packs what runs, its types, its assembly and its dependencies, and nothing else', () => {
    const unexpected = packed.filter((file) => !expectedInPackage.some((one) => one.test(file)));
    expect(unexpected).toEqual([]);
    expect(packed).toEqual(
      expect.arrayContaining(['lib/src/index.js', 'lib/src/index.d.ts', '.jsii', 'LICENSE']),
    );
    expect(packed).toContain('node_modules/ipaddr.js/package.json');
    expect(packed).toContain('node_modules/js-yaml/package.json');
  });

  it('packs no generated import that no source file uses', () => {
    const modules = path.join(app, 'node_modules', 'cdk8s-ml-netpol');
    const sources = packed
      .filter((file) => /^lib\/src\/.*\.js$/.test(file))
      .map((file) => readFileSync(path.join(modules, file), 'utf8'));
    const unused = packed
      .filter((file) => file.startsWith('lib/imports/'))
      .map((file) => file.replace(/^lib\/|(\.d\.ts|\.js)$/g, ''))
      .filter((file) => !sources.some((source) => source.includes(`${file}"`)));
    expect(unused).toEqual([]);
  });

  it('loads the entry without cdk8s-plus', () => {
    const script = `require('cdk8s-ml-netpol');
      console.log(JSON.stringify(Object.keys(require.cache)))`;
    const loaded = JSON.parse(succeed(app, process.execPath, ['-e', script])) as string[];
    const modules = path.join(app, 'node_modules');
    expect(loaded).toContain(path.join(modules, 'cdk8s-ml-netpol', 'lib', 'src', 'index.js'));
    expect(loaded.filter((file) => /cdk8s-plus/.test(path.relative(modules, file)))).toEqual([]);
  });

  it('has a package.json that can be asked for its version', () => {
    const script = `console.log(require('cdk8s-ml-netpol/package.json').name)`;
    expect(succeed(app, process.execPath, ['-e', script]).trim()).toBe('cdk8s-ml-netpol');
  });

  it('loads the readers without cdk8s, and the matchers with them', () => {
    const script = `
      const { PolicyCluster, matchers } = require('cdk8s-ml-netpol/testing');
      const { RULES, World } = require('cdk8s-ml-netpol/analysis');
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bert', namespace: 'ml' } };
      const cluster = PolicyCluster.fromObjects([{ ...pod, spec: { containers: [] } }]);
      const isolated = matchers.toBeIsolated.call({}, cluster, 'ml/bert').pass;
      const loaded = Object.keys(require.cache).filter((file) => !/cdk8s-ml-netpol/.test(file));
      const isWorld = cluster.world instanceof World;
      console.log(JSON.stringify({ isolated, isWorld, rules: RULES.length > 0, loaded }));`;
    expect(JSON.parse(succeed(app, process.execPath, ['-e', script]))).toEqual({
      ...{ isolated: false, isWorld: true, rules: true, loaded: [] },
    });
  });

  it('exports the plug-in from where cdk8s-cli looks for it', () => {
    const script = `
      const { PolicyValidation } = require(require('path').resolve('./node_modules/cdk8s-ml-netpol'));
      console.log(typeof new PolicyValidation({ failOn: 'warning' }).validate)`;
    expect(succeed(app, process.execPath, ['-e', script]).trim()).toBe('function');
  });

  it('runs the matchers in the template’s own jest, with their types', () => {
    const test = path.join(app, 'policies.test.ts');
    copyFileSync(path.join(__dirname, 'team-app', 'policies.ts'), test);
    succeed(app, 'npx', ['jest', 'policies.test.ts']);
  }, 60_000);

  it('installs the command line', () => {
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    const program = path.join(app, 'node_modules', '.bin', 'ml-netpol');
    expect(succeed(app, program, ['--version'])).toBe(`${version}\n`);
  });

  it('compiles as the template compiles, strict and with all declarations checked', () => {
    succeed(app, 'npm', ['run', '--silent', 'compile']);
  }, 60_000);

  describe('synthesized with cdk8s synth', () => {
    let yaml: LoadedYaml;
    let modelApi: Pod;

    beforeAll(() => {
      const { bin } = JSON.parse(readFileSync(path.join(cli, 'package.json'), 'utf8')) as {
        bin: { cdk8s: string };
      };
      const synth = [path.join(cli, bin.cdk8s), 'synth', '--no-check-upgrade'];
      succeed(app, process.execPath, synth);
      yaml = loadYaml(path.join(app, 'dist'));
      modelApi = {
        namespace: 'llm-serving',
        name: 'model-api',
        labels: podLabelsOfDeployment(yaml),
      };
    }, 60_000);

    it('writes the namespace and the Deployment that the workload was read from', () => {
      expect(Object.keys(yaml.namespaces)).toEqual(['llm-serving']);
      expect(yaml.others.map(({ kind }) => kind)).toEqual(['Deployment']);
    });

    it('admits what was declared', () => {
      expect(reaches(scorer, modelApi, 8080)).toBe(true);
      expect(reaches(modelApi, featureStore, 6566)).toBe(true);
    });

    it('denies strangers, other ports and the way back', () => {
      expect(reaches(stranger, modelApi, 8080)).toBe(false);
      expect(reaches(stranger, featureStore, 6566)).toBe(false);
      expect(reaches(scorer, featureStore, 6566)).toBe(false);
      expect(reaches(scorer, modelApi, 8081)).toBe(false);
      expect(reaches(featureStore, modelApi, 8080)).toBe(false);
      expect(reaches(modelApi, stranger, 443)).toBe(false);
      expect(reaches(modelApi, { ip: '18.154.227.87' }, 443)).toBe(false);
    });

    it('lets both workloads resolve names, over UDP and TCP, and nothing else there', () => {
      for (const pod of [modelApi, featureStore]) {
        expect(reaches(pod, kubeDns, 53, 'UDP')).toBe(true);
        expect(reaches(pod, kubeDns, 53, 'TCP')).toBe(true);
        expect(reaches(pod, kubeDns, 9153, 'TCP')).toBe(false);
      }
    });

    function reaches(from: Endpoint, to: Endpoint, port: number, protocol: Protocol = 'TCP') {
      return allowed({ ...yaml, pods: [] }, from, to, protocol, port);
    }
  });
});

type Protocol = 'TCP' | 'UDP';

const featureStore: Pod = {
  namespace: 'llm-serving',
  name: 'feature-store',
  labels: { app: 'feature-store' },
};
const scorer: Pod = { namespace: 'ml-jobs', name: 'scorer', labels: { app: 'scorer' } };
const stranger: Pod = { namespace: 'reporting', name: 'dashboard', labels: { app: 'dashboard' } };
const kubeDns: Pod = {
  namespace: 'kube-system',
  name: 'coredns',
  labels: { 'k8s-app': 'kube-dns' },
};

const expectedInPackage = [
  /^lib\/(src|imports)\/.*(?<!\.test)\.(js|d\.ts)$/,
  /^(package\.json|\.jsii|README\.md|CHANGELOG\.md|LICENSE|NOTICE)$/,
  /^node_modules\/(ipaddr\.js|js-yaml|argparse)\//,
  // npm links them on install
  /^node_modules\/\.bin\/js-yaml$/,
];

/**
 * The template with its placeholders filled in: the newest of each peer, cdk8s-plus of the version
 * that the team uses, and no cdk8s-cli of its own.
 */
function copyTemplate(app: string, tarball: string): void {
  cpSync(path.join(cli, 'templates', 'typescript-app'), app, {
    recursive: true,
    filter: (file) => !/\.hooks\.sscaff\.js$/.test(file),
  });
  const file = path.join(app, 'package.json');
  const template = JSON.parse(readFileSync(file, 'utf8').replace('{{ $base }}', 'team')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  delete template.devDependencies['cdk8s-cli'];
  const dependencies = {
    cdk8s: 'latest',
    'cdk8s-plus-28': 'latest',
    constructs: 'latest',
    'cdk8s-ml-netpol': `file:${tarball}`,
  };
  writeFileSync(file, JSON.stringify({ ...template, dependencies }, null, 2));
  copyFileSync(path.join(__dirname, 'team-app', 'main.ts'), path.join(app, 'main.ts'));
}

function podLabelsOfDeployment({ others }: LoadedYaml): Labels {
  const { spec } = others.find(({ kind }) => kind === 'Deployment') as unknown as {
    spec: { template: { metadata: { labels: Labels } } };
  };
  return spec.template.metadata.labels;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(path.join(folder, file)).isFile())
    .map((file) => file.replaceAll(path.sep, '/'))
    .sort();
}

/** What the program printed; throws all that it said when it fails. */
function succeed(cwd: string, program: string, args: string[]): string {
  const { ok, stdout, output } = run(cwd, program, args);
  if (!ok) throw new Error(`${program} ${args.join(' ')} failed in ${cwd}\n${output}`);
  return stdout;
}

function run(
  cwd: string,
  program: string,
  args: string[],
): { ok: boolean; stdout: string; output: string } {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    shell: process.platform === 'win32' && program === 'npm',
    timeout: 150_000,
  });
  const output = `${stdout}${stderr}${error?.message ?? ''}`;
  return { ok: status === 0, stdout, output };
}
