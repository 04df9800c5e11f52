/**
 * Bad input, as its user meets it: one line per problem, exit code 1, nothing in the output folder.
 * Values are refused where they are written (test/values); here stands what needs the whole picture.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ClusterProfile } from '../../src/cluster/profile';
import { DefaultDeny } from '../../src/constructs/default-deny';
import { MlNamespace } from '../../src/constructs/ml-namespace';
import { Workload } from '../../src/constructs/workload';
import { Peer } from '../../src/traffic/peer';
import { Http } from '../../src/values/http';
import { Identity } from '../../src/values/identity';
import { Port } from '../../src/values/port';
import { outputFolder } from '../support/reach';
import { chartOf, problemsOf, refusal } from '../support/synth';

function isolatedApi(ports: Port[] = [Port.http(8080)]) {
  const chart = chartOf();
  const namespace = new MlNamespace(chart, 'llm-serving');
  new DefaultDeny(chart, 'deny', { namespace });
  const api = new Workload(chart, 'model-api', { namespace, labels: { app: 'model-api' }, ports });
  return { chart, api };
}

describe('one line for', () => {
  test.each<[string, (api: Workload) => void, string]>([
    [
      'a flow to a workload without service ports',
      (api) => {
        api.allowFrom(Peer.namespace('ml-jobs'));
      },
      'got nothing, expected ports: llm-serving/model-api declares no port of purpose service; fix: ports: [Port.tcp(443)], or ports: [Port.all()]',
    ],
    [
      'API server egress without addresses',
      (api) => {
        api.allowTo(Peer.kubeApiserver());
      },
      'got "generic", expected a cluster profile that knows the addresses of the API server’s endpoints',
    ],
    [
      'nodes whose ranges are unknown',
      (api) => {
        api.allowFrom(Peer.nodes(), { ports: [Port.tcp(1)] });
      },
      'got "generic", expected a cluster profile that knows the ranges of the nodes',
    ],
    [
      'host names that the profile cannot enforce',
      (api) => {
        api.allowTo(Peer.fqdn('huggingface.co'), { reason: 'models' });
      },
      `fix: add withoutFqdn: 'internet' with a reason, or name the addresses with Peer.cidr`,
    ],
    [
      'a missing reason for what leaves the cluster',
      (api) => {
        api.allowTo(Peer.cidr('203.0.113.0/24'), { ports: [Port.tcp(443)] });
      },
      'got nothing, expected a reason, because the flow leaves the cluster',
    ],
    [
      'a missing reason for everybody',
      (api) => {
        api.allowFrom(Peer.any(), { ports: [Port.tcp(443)] });
      },
      'got nothing, expected a reason, because the flow names everybody',
    ],
    [
      'an expired flow',
      (api) => {
        api.allowFrom(Peer.namespace('a'), { ports: [Port.tcp(1)], expires: '2020-02-29' });
      },
      'got "2020-02-29", expected a date from',
    ],
    [
      'HTTP rules without a mesh',
      (api) => {
        api.allowFrom(Peer.namespace('a'), { ports: [Port.tcp(1)], http: [Http.get('/v1/*')] });
      },
      'got "HTTP requests", expected a mesh that can hold it: profile generic has none',
    ],
    [
      'an identity without a mesh',
      (api) => {
        api.allowFrom(Identity.serviceAccount('ml-jobs', 'job-runner'), { ports: [Port.tcp(1)] });
      },
      'got "identity", expected a mesh that can hold it',
    ],
    [
      'CIDR and internet without ports',
      (api) => {
        api.allowTo(Peer.internet(), { reason: 'updates' });
      },
      'got nothing, expected the ports that may be used: internet declares none',
    ],
  ])('%s', (_, declare, text) => {
    const { chart, api } = isolatedApi([]);
    declare(api);
    const [problem = '', ...others] = problemsOf(chart);
    expect(problem).toContain('test/constructs/bad-input.test.ts:');
    expect(problem).toContain('serving/model-api: ');
    expect(problem).toContain(text);
    expect(others).toEqual([]);
  });

  test('flows expire on the day after, by SOURCE_DATE_EPOCH', () => {
    const { chart, api } = isolatedApi();
    api.allowFrom(Peer.namespace('a'), { expires: '2027-06-30' });
    const on = (date: string): string[] => {
      process.env['SOURCE_DATE_EPOCH'] = String(Date.parse(`${date}T12:00:00Z`) / 1000);
      return problemsOf(chart);
    };
    try {
      expect(on('2027-06-30')).toEqual([]);
      expect(on('2027-07-01').join()).toContain('got "2027-06-30"');
    } finally {
      delete process.env['SOURCE_DATE_EPOCH'];
    }
  });
});

test('all problems of relations are told at once', () => {
  const { chart, api } = isolatedApi();
  api.allowTo(Peer.fqdn('huggingface.co'));
  api.allowTo(Peer.kubeApiserver());
  new MlNamespace(chart, 'again', { name: 'llm-serving' });
  // the namespace stands twice in the model, and its object twice in the YAML
  expect(problemsOf(chart)).toHaveLength(5);
});

test.each<[string, () => unknown, string]>([
  ['ports: []', () => ({ ports: [] }), 'empty-list'],
  ['http: []', () => ({ http: [] }), 'empty-list'],
  ['a date that is none', () => ({ expires: '2027-02-30' }), 'date'],
  ['an unknown waiver', () => ({ withoutMesh: 'yes', reason: 'r' }), 'waiver'],
  ['a waiver without a reason', () => ({ withoutFqdn: 'internet' }), 'waiver-reason'],
  ['a reason of two lines', () => ({ reason: 'a\nb' }), 'one-line'],
])('refuses %s where it is written', (_, options, code) => {
  const { api } = isolatedApi();
  const problem = refusal(() => {
    api.allowFrom(Peer.namespace('ml-jobs'), options() as object);
  });
  expect(problem).toMatchObject({ code });
  expect(problem.source).toMatch(/^test\/constructs\/bad-input\.test\.ts:\d+$/);
});

test('providing a second, different profile is refused', () => {
  const chart = chartOf(ClusterProfile.kubeadm());
  expect(
    refusal(() => {
      ClusterProfile.provide(chart, ClusterProfile.kind());
    }),
  ).toMatchObject({ code: 'profile-twice' });
});

describe('a program of the user', () => {
  const root = resolve(__dirname, '../..');

  /** Runs a program as `npx ts-node main.ts` would. */
  function run(body: string) {
    const folder = outputFolder();
    const main = join(folder, 'main.ts');
    writeFileSync(main, `import { MlPlatform, Peer, Port } from '${root}/src';\n${body}\n`);
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['-r', 'ts-node/register/transpile-only', main],
      { cwd: root, env: { ...process.env, CDK8S_OUTDIR: join(folder, 'dist') }, encoding: 'utf8' },
    );
    return {
      status,
      stdout,
      stderr,
      files: readdirSync(folder).filter((name) => name !== 'main.ts'),
    };
  }

  test('fails with one line for a bad value, at the line of the user', () => {
    const { status, stderr, files } = run('new MlPlatform();\nPort.tcp(70000);');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^\S*main\.ts:3 Port\.tcp: port: got 70000, expected an integer from 1 to 65535; fix: Port\.tcp\(8080\)\n$/,
    );
    expect(files).toEqual([]);
  });

  test('fails with every problem of a platform, without library frames and without output', () => {
    const { status, stderr, files } = run(
      `const platform = new MlPlatform();
       const api = platform.module('llm-serving').workload('api', { labels: { app: 'api' } });
       api.allowFrom(Peer.namespace('ml-jobs'));
       api.allowTo(Peer.internet(), { ports: [Port.tcp(443)] });
       platform.synth();`,
    );
    expect(status).toBe(1);
    const [title, ...lines] = stderr.trimEnd().split('\n');
    expect(title).toBe('2 problems, nothing was written:');
    expect(lines).toHaveLength(2);
    for (const line of lines)
      expect(line).toMatch(/main\.ts:\d+ llm-serving\/api: .* got .*, expected .*; fix: /);
    expect(files).toEqual([]);
  });
});
