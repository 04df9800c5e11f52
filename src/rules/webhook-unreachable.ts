/** MLN201: webhooks and aggregated APIs whose pods do not let the API server in. */
import type { JsonObject, Resource } from '../read/resource';
import { field, isObject, numberAt, objectAt, objectsAt, textAt } from '../read/json';
import type { FieldPath } from '../read/resource';
import { serviceNamed, targetsBehind } from '../engine/behind';
import { objectName, placeOf } from '../engine/evidence';
import { ofApiServer } from '../engine/outside';
import type { World } from '../engine/world';
import { Protocol } from '../values/port';
import { blocked } from './blocked';
import type { Found, Rule } from './rule';
import { heldBy, missing, namesOf } from './telling';

export const webhookUnreachable: Rule = {
  code: 'MLN201',
  name: 'webhook-unreachable',
  severity: 'error',
  summary: 'the API server cannot reach the pods behind a webhook or an aggregated API',
  why:
    'The API server is no pod: a rule about pods or namespaces never means it. Each create and update ' +
    'of the webhook’s objects waits for its time-out and then fails, cluster-wide for some.',
  whenNot:
    'The API server’s addresses are known and the policies name them: state them in the profile ' +
    '(apiServer.addresses), or the pods that call for it (apiServer.webhookCallers).',
  sources: [
    'kubeflow/community-distribution#3580',
    'kserve/kserve#3770',
    'tektoncd/pipeline#3172',
    'kubernetes/kubernetes#128162',
  ],
  examples: {
    bad: { yaml: example('[{ from: [{ podSelector: {} }] }]') },
    good: { yaml: example('[{ ports: [{ protocol: TCP, port: 9443 }] }]') },
  },
  check: (world) => {
    const seen = new Set<string>();
    return world.cluster.others.flatMap((resource) =>
      calls(resource).flatMap((call) => {
        const key = `${objectName(resource)} ${call.namespace}/${call.name}:${String(call.port)}`;
        if (seen.has(key)) return [];
        seen.add(key);
        return judged(world, resource, call);
      }),
    );
  },
};

/** A Service that the API server calls. */
interface Call {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly path: FieldPath;
}

function calls({ kind, object }: Resource): Call[] {
  const spec = objectAt(object, 'spec');
  switch (kind) {
    case 'ValidatingWebhookConfiguration':
    case 'MutatingWebhookConfiguration':
      return objectsAt(object, 'webhooks').flatMap((webhook, index) =>
        call(objectAt(webhook, 'clientConfig'), ['webhooks', index, 'clientConfig', 'service']),
      );
    case 'APIService':
      return call(spec, ['spec', 'service']);
    case 'CustomResourceDefinition': {
      const path = ['spec', 'conversion', 'webhook', 'clientConfig', 'service'];
      return call(objectAt(spec, 'conversion', 'webhook', 'clientConfig'), path);
    }
    default:
      return [];
  }
}

/** None where the server is outside the cluster, or the API server itself. */
function call(object: JsonObject, path: FieldPath): Call[] {
  const service = field(object, 'service');
  if (!isObject(service)) return [];
  const [namespace, name] = [textAt(service, 'namespace'), textAt(service, 'name')];
  if (namespace === undefined || name === undefined) return [];
  // 443 is the default of all three: admissionregistration, apiextensions, apiregistration v1 types
  return [{ namespace, name, port: numberAt(service, 'port') ?? 443, path }];
}

function judged(world: World, resource: Resource, { namespace, name, port, path }: Call): Found[] {
  const service = serviceNamed(world, namespace, name);
  const called = service?.ports.find((one) => one.port === port && one.protocol === Protocol.TCP);
  if (service === undefined || called === undefined) return [];
  const targets = targetsBehind(world, service, called);
  const found = blocked(world, targets, Protocol.TCP, (place) => ofApiServer(world, place));
  if (found === undefined) return [];
  const { places, isSure, facts, port: target = called.targetPort } = found;
  const shown = JSON.stringify(target);
  return [
    {
      at: placeOf(resource, path),
      object: objectName(resource),
      message: isSure
        ? `the API server cannot reach ${namespace}/${name}`
        : `whether the API server reaches ${namespace}/${name} is not known: ${missing(facts)}`,
      got: `no rule for the API server to TCP ${shown} of ${namesOf(world, places)}`,
      expected: `a rule without peers to TCP ${shown}`,
      fix: `ingress: [{ ports: [{ protocol: TCP, port: ${shown} }] }] in a NetworkPolicy of namespace ${namespace} for these pods`,
      evidence: heldBy(world, places, 'ingress'),
      ...(isSure ? {} : { severity: 'warning' as const }),
    },
  ];
}

function example(ingress: string): string {
  return `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: kserve }
webhooks:
  - name: inferenceservice.kserve.io
    clientConfig: { service: { namespace: kserve, name: webhook } }
    admissionReviewVersions: [v1]
    sideEffects: None
---
apiVersion: v1
kind: Service
metadata: { name: webhook, namespace: kserve }
spec: { selector: { app: kserve }, ports: [{ port: 443, targetPort: webhook }] }
---
apiVersion: v1
kind: Pod
metadata: { name: kserve, namespace: kserve, labels: { app: kserve } }
spec: { containers: [{ name: main, image: kserve, ports: [{ name: webhook, containerPort: 9443 }] }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: kserve, namespace: kserve }
spec: { podSelector: {}, policyTypes: [Ingress], ingress: ${ingress} }
`;
}
