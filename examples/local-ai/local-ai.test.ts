import { loadYaml } from '../../test/naive/load-yaml';
import type { Named } from '../../test/support/reach';
import { OUTSIDE, outputFolder, pod, reached } from '../../test/support/reach';
import { localAi, synth } from './local-ai';

const NGINX = { 'app.kubernetes.io/name': 'ingress-nginx' };
const localAiPod = pod('local-ai/local-ai', { 'app.kubernetes.io/name': 'local-ai' });
const controller = pod('nginx/controller', NGINX);
const adHocNginx = pod('nginx/test-connectivity');
const adHocLocalAi = pod('local-ai/test-connectivity');
const impostor = pod('web/controller', NGINX);
const everybody: Named[] = [
  localAiPod,
  controller,
  adHocNginx,
  adHocLocalAi,
  impostor,
  OUTSIDE.internet,
  OUTSIDE.private,
];
const PORTS = [
  ['TCP', 8080],
  ['TCP', 80],
  ['UDP', 8080],
] as const;

function written(): ReturnType<typeof loadYaml> {
  const folder = outputFolder();
  synth(localAi(folder));
  return loadYaml(folder);
}

const world = written();

describe('local-ai', () => {
  test('S4-06 before: everybody reaches LocalAI on every port', () => {
    const before = { ...world, policies: [] };
    const callers = everybody.filter((one) => one !== localAiPod);
    expect(reached(before, [everybody, [localAiPod]], PORTS)).toHaveLength(
      callers.length * PORTS.length,
    );
  });

  test('S4-05 S4-07 after: the controller of namespace nginx reaches 8080, and nobody else anything', () => {
    expect(reached(world, [everybody, [localAiPod]], PORTS)).toEqual([
      'nginx/controller -> local-ai/local-ai TCP 8080',
    ]);
  });

  test('S4-04 isolates the LocalAI pods only, and only for ingress', () => {
    const others = [adHocLocalAi, adHocNginx, controller];
    const open = reached(world, [everybody, others], PORTS);
    expect(open).toHaveLength((everybody.length - 1) * others.length * PORTS.length);
    const outside = [OUTSIDE.internet, OUTSIDE.metadata, OUTSIDE.private];
    expect(reached(world, [[localAiPod], outside], PORTS)).toHaveLength(
      outside.length * PORTS.length,
    );
  });

  test('S4-02 S4-03 the Ingress sends localai.local to the Service in front of the pods', () => {
    const ingress = world.others.find(({ kind }) => kind === 'Ingress');
    const service = world.others.find(({ kind }) => kind === 'Service');
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

  test('S4-01 writes standard NetworkPolicies, named after what they do', () => {
    expect(world.policies.map(({ metadata }) => metadata.name).sort()).toEqual([
      'default-deny-local-ai',
      'local-ai-ingress',
    ]);
  });

  test('S4-10 says in the YAML that this is a demonstration', () => {
    expect(world.namespaces['local-ai']?.labels).toMatchObject({ assurance: 'demonstration' });
  });
});
