import { loadYaml } from '../../test/naive/load-yaml';
import type { Named, PortOfInterest } from '../../test/support/reach';
import { KUBE_SYSTEM, lines, OUTSIDE, outputFolder, pod, reached } from '../../test/support/reach';
import { documents, yamlText } from '../../test/support/written';
import { localAi, synth } from './local-ai';

const NGINX = { 'app.kubernetes.io/name': 'ingress-nginx' };
const localAiPod = pod('local-ai/local-ai', { 'app.kubernetes.io/name': 'local-ai' });
const controller = pod('nginx/controller', NGINX);
const adHocNginx = pod('nginx/test-connectivity');
const adHocLocalAi = pod('local-ai/test-connectivity');
const everybody: Named[] = [
  localAiPod,
  controller,
  adHocNginx,
  adHocLocalAi,
  pod('local-ai/controller', NGINX),
  pod('web/controller', NGINX),
  pod('web/frontend'),
  ...Object.values(KUBE_SYSTEM),
  ...Object.values(OUTSIDE),
];
const TARGET = ['TCP', 8080] as const;
const PORTS: PortOfInterest[] = [
  TARGET,
  ['TCP', 80],
  ['TCP', 443],
  ['TCP', 53],
  ['UDP', 53],
  ['UDP', 8080],
];

const folder = outputFolder();
synth(localAi(folder));
const after = loadYaml(folder);
const before = { ...after, policies: [] };

describe('local-ai: the matrix of the source, before and after', () => {
  test.each([
    { who: 'the ingress controller, through which users come', from: controller, blocked: false },
    { who: 'an ad-hoc pod in nginx', from: adHocNginx, blocked: true },
    { who: 'an ad-hoc pod in local-ai', from: adHocLocalAi, blocked: true },
  ])('S4-06 S4-07 $who: blocked after: $blocked', ({ from, blocked }) => {
    const open = reached(before, [[from], [localAiPod]], [TARGET]);
    expect(open).toHaveLength(1);
    expect(reached(after, [[from], [localAiPod]], [TARGET])).toEqual(blocked ? [] : open);
  });

  test('S4-06 before: everybody reaches everybody on every port', () => {
    expect(reached(before, [everybody, everybody], PORTS)).toEqual(
      lines(everybody, everybody, 'every port').sort(),
    );
  });

  test('S4-05 S4-07 after: the controller of namespace nginx reaches 8080, nobody else anything', () => {
    expect(reached(after, [everybody, [localAiPod]], PORTS)).toEqual([
      'nginx/controller -> local-ai/local-ai TCP 8080',
    ]);
  });

  test('S4-04 after: other pods, and what LocalAI itself reaches, stay as open as they were', () => {
    const others = everybody.filter((one) => one !== localAiPod);
    expect(reached(after, [everybody, others], PORTS)).toEqual(
      lines(everybody, others, 'every port').sort(),
    );
  });
});

describe('local-ai: what is written', () => {
  test('S4-02 S4-03 the Ingress sends localai.local to the Service in front of the pods', () => {
    const [ingress] = documents(folder, 'Ingress');
    const [service] = documents(folder, 'Service');
    expect(ingress).toMatchObject({
      metadata: {
        name: 'localai-ingress',
        namespace: 'local-ai',
        annotations: { 'nginx.ingress.kubernetes.io/rewrite-target': '/' },
      },
      spec: {
        ingressClassName: 'nginx',
        rules: [
          {
            host: 'localai.local',
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: 'local-ai-local-ai', port: { number: 8080 } } },
                },
              ],
            },
          },
        ],
      },
    });
    expect(service).toMatchObject({
      metadata: { name: 'local-ai-local-ai', namespace: 'local-ai' },
      spec: {
        selector: { 'app.kubernetes.io/name': 'local-ai' },
        ports: [{ port: 8080, targetPort: 8080 }],
      },
    });
  });

  test('S4-01 standard NetworkPolicies in namespace local-ai, named after what they do', () => {
    const policies = documents(folder, 'NetworkPolicy').map(
      ({ apiVersion, metadata: { namespace = '', name } }) => `${apiVersion} ${namespace}/${name}`,
    );
    expect(policies.sort()).toEqual([
      'networking.k8s.io/v1 local-ai/default-deny-local-ai',
      'networking.k8s.io/v1 local-ai/local-ai-ingress',
    ]);
  });

  test('the Namespace stands in no namespace', () => {
    const namespaces = documents(folder, 'Namespace').map(({ metadata }) => metadata);
    expect(namespaces).toEqual([expect.objectContaining({ name: 'local-ai' })]);
    expect(namespaces[0]).not.toHaveProperty('namespace');
  });

  test.each(['Namespace', 'Ingress'])('S4-10 the %s says that this is a demonstration', (kind) => {
    const labels = documents(folder, kind).map(({ metadata }) => metadata.labels);
    expect(labels).toEqual([expect.objectContaining({ assurance: 'demonstration' })]);
  });

  test('byte by byte', () => {
    expect(yamlText(folder)).toMatchSnapshot();
  });
});
