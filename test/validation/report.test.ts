/** What the plug-in reports about manifests, and when synth fails by it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACKNOWLEDGE } from '../../src/values/acknowledgement';
import { PolicyValidation } from '../../src/validation';
import type { Context, Violation } from '../../src/validation/context';

const DENY = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: ml-training }
spec: { podSelector: {}, policyTypes: [Egress] }
---
apiVersion: v1
kind: Pod
metadata: { name: bert, namespace: ml-training, labels: { app: bert } }
spec: { containers: [{ name: main, image: bert }] }
`;

describe('PolicyValidation', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'ml-netpol-validation-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reports findings with what was got, what was expected, and where', async () => {
    const { violations, status, summary } = await validate(DENY);
    const [dns] = violations.filter(({ ruleName }) => / MLN203 /.test(ruleName));
    expect(dns).toMatchObject({ ruleName: 'error MLN203 dns-egress-missing' });
    const [{ resourceName, locations, manifestPath }] = dns.violatingResources;
    expect(resourceName).toBe('NetworkPolicy ml-training/default-deny');
    expect(manifestPath).toBe(join(folder, 'app.k8s.yaml'));
    expect(locations[0]).toMatch(/app\.k8s\.yaml:1: got .*, expected /);
    expect(status).toBe('failure');
    expect(summary['Findings']).toMatch(/^\d+, [1-9]\d* at error or above$/);
  });

  it('names the construct, by the object’s whole name where several have the bare one', async () => {
    const path = 'app/training/default-deny';
    const bare = await validate(DENY, {}, { 'default-deny': { path } });
    expect(namesIn(bare.violations)).toContain('default-deny');
    const key = 'NetworkPolicy/ml-training/default-deny';
    const whole = await validate(DENY, {}, { [key]: { path }, 'default-deny': { path: 'app/x' } });
    expect(namesIn(whole.violations)).toContain(key);
    expect(namesIn(whole.violations)).not.toContain('default-deny');
  });

  it('passes where everything is less bad than what fails', async () => {
    const rules = { 'dns-egress-missing': 'info' };
    const { status, violations } = await validate(DENY, { rules });
    expect(status).toBe('success');
    expect(violations.map(({ ruleName }) => ruleName)).toContain('info MLN203 dns-egress-missing');
    expect((await validate(DENY, { rules, failOn: 'info' })).status).toBe('failure');
  });

  it('leaves out rules that are off, also as YAML 1.1 reads it', async () => {
    for (const off of ['off', false]) {
      const { violations } = await validate(DENY, { rules: { MLN203: off } });
      expect(violations.filter(({ ruleName }) => / MLN203 /.test(ruleName))).toEqual([]);
    }
  });

  it('leaves out what is acknowledged, and counts it', async () => {
    const data = 'MLN203: connects to addresses only';
    const { summary, violations } = await validate(
      DENY.replace(
        'namespace: ml-training }',
        `namespace: ml-training, annotations: { ${ACKNOWLEDGE}: '${data}' } }`,
      ),
    );
    expect(violations.filter(({ ruleName }) => / MLN203 /.test(ruleName))).toEqual([]);
    expect(summary['Acknowledged']).toBe('1');
  });

  it('fails on what it cannot read', async () => {
    const { status, violations } = await validate(`${DENY}---\nkind: [`, {
      rules: { MLN203: 'info' },
    });
    expect(violations[0].ruleName).toMatch(/^unreadable yaml/);
    expect(status).toBe('failure');
  });

  it.each([
    [{ failon: 'error' }, /failon: got "error".*fix: failOn: …/],
    [{ failOn: 'fatal' }, /failOn: got "fatal", expected one of error, warning, info/],
    [{ rules: ['MLN203'] }, /rules: got \["MLN203"\], expected a mapping/],
    [{ rules: { MLN203: 'warn' } }, /rules\.MLN203: got "warn", expected one of 'off', error/],
  ])('refuses the properties %j', (properties, message) => {
    expect(() => new PolicyValidation(properties)).toThrow(message);
  });

  it('refuses rules that it does not know', () => {
    const plugin = new PolicyValidation({ rules: { MLN999: 'off' } });
    expect(() => plugin.validate(contextOf([]))).toThrow('got "MLN999"');
  });

  /** As `cdk8s synth` would after it wrote the text. */
  async function validate(
    text: string,
    properties: object = {},
    metadata: Context['metadata'] = {},
  ) {
    const file = join(folder, 'app.k8s.yaml');
    writeFileSync(file, text);
    const record = JSON.stringify({ version: '1.0.0', resources: metadata });
    writeFileSync(join(folder, 'construct-metadata.json'), record);
    const context = contextOf([file], metadata);
    await new PolicyValidation(properties).validate(context);
    return context.told;
  }
});

interface Told {
  readonly violations: Violation[];
  status: string;
  summary: Readonly<Record<string, string>>;
}

function contextOf(
  manifests: string[],
  metadata: Context['metadata'] = {},
): Context & { readonly told: Told } {
  const told: Told = { violations: [], status: 'not submitted', summary: {} };
  return {
    ...{ manifests, metadata, told },
    report: {
      addViolation: (violation) => told.violations.push(violation),
      submit: (status, summary = {}) => Object.assign(told, { status, summary }),
    },
  };
}

function namesIn(violations: readonly Violation[]): string[] {
  return violations.flatMap((one) => one.violatingResources.map((each) => each.resourceName));
}
