/**
 * Does cdk8s-cli load the plug-in as docs/validation.md says, and fail by it? A small app in a folder of
 * its own, with the packages that it needs linked; nothing is downloaded. `npm test` builds lib/ first.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWhere } from '../shared';

const ROOT = join(__dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs', 'validation.md'), 'utf8');
const CLI = join(ROOT, 'node_modules', 'cdk8s-cli', 'bin', 'cdk8s');

const APP = `
const { ApiObject, App, Chart } = require('cdk8s');
const app = new App();
const chart = new Chart(app, 'training');
new ApiObject(chart, 'deny', {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'default-deny', namespace: 'ml-training' },
  spec: { podSelector: {}, policyTypes: ['Egress'] },
});
new ApiObject(chart, 'bert', {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'bert', namespace: 'ml-training', labels: { app: 'bert' } },
  spec: { containers: [{ name: 'main', image: 'bert' }] },
});
app.synth();
`;

const built = existsSync(join(ROOT, 'lib', 'src', 'validation', 'index.js'));

describeWhere(built, 'lib/ is not built', 'cdk8s synth with the plug-in', () => {
  let folder: string;

  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'ml-netpol-plugin-')));
    mkdirSync(join(folder, 'node_modules'));
    const linked = ['cdk8s', 'constructs'].map((name) => join(ROOT, 'node_modules', name));
    for (const path of linked) link(path, path.slice(join(ROOT, 'node_modules').length + 1));
    link(ROOT, 'cdk8s-ml-netpol');
    writeFileSync(join(folder, 'main.js'), APP);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('fails, and names rule, construct and change', () => {
    const { status, output } = synth(settingsOfPage());
    expect(output).toContain('error MLN203 dns-egress-missing (1 occurrences)');
    expect(output).toContain('Construct Path: training/deny');
    expect(output).toMatch(/training\.k8s\.yaml:\d+: got /);
    expect(output).toContain('How to fix: ');
    expect(status).toBe(2);
  });

  it('passes where nothing is as bad as that', () => {
    const { status, output } = synth(`${settingsOfPage()}\n        MLN203: info\n`);
    expect(output).toContain('Validations ended succesfully');
    expect(status).toBe(0);
  });

  it('says what is wrong with its properties', () => {
    const { status, output } = synth(settingsOfPage().replace('failOn: error', 'failOn: fatal'));
    expect(output).toContain('failOn: got "fatal", expected one of error, warning, info');
    expect(status).toBe(1);
  });

  function link(target: string, name: string): void {
    symlinkSync(target, join(folder, 'node_modules', name), 'junction');
  }

  function synth(settings: string): { readonly status: number | null; readonly output: string } {
    writeFileSync(join(folder, 'cdk8s.yaml'), settings);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [CLI, 'synth', '--no-check-upgrade'],
      { cwd: folder, encoding: 'utf8' },
    );
    return { status, output: `${stdout}${stderr}` };
  }
});

/** The cdk8s.yaml that the page shows, for an app in JavaScript. */
function settingsOfPage(): string {
  const [, yaml = ''] = /```yaml\n(language:[^]*?)\n```/.exec(PAGE) ?? [];
  return yaml.replace('npx ts-node main.ts', 'node main.js');
}
