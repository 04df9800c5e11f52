/** MLN404: Knative's own components cut off from the pods that they serve. */
import { isEmptyRequests } from '../engine/http/requests';
import type { World } from '../engine/world';
import { about, everyPlace, grouped, nameAt } from './about';
import type { Found, Rule } from './rule';

const SERVED = 'serving.knative.dev/service';
const KNATIVE = 'knative-serving';
/** The queue-proxy, through which requests and probes come. */
const QUEUE_PROXY = [8012, 8013];

export const knativeAuthzIncomplete: Rule = {
  code: 'MLN404',
  name: 'knative-authz-incomplete',
  severity: 'error',
  summary: 'an ALLOW policy leaves out Knative’s activator and autoscaler',
  why:
    'Requests to a Knative service come through the activator, which also probes it, and the autoscaler ' +
    'reads its metrics. With an ALLOW policy that does not name knative-serving the service never ' +
    'becomes ready, or answers 403 after it was scaled to zero.',
  whenNot: 'Knative is installed in another namespace. Acknowledge it on the policy.',
  sources: ['knative/docs:docs/versioned/serving/istio-authorization.md', 'knative/serving#6122'],
  examples: {
    bad: { yaml: example('ml-jobs') },
    good: { yaml: example('knative-serving') },
  },
  check: (world) => {
    const cut = everyPlace(world).flatMap((place) => {
      const policy = world.reach.mesh?.targets.byPlace[place]?.authorization.allowPolicies[0];
      if (policy === undefined || !isServed(world, place) || admitsKnative(world, place)) return [];
      return [{ place, policy }];
    });
    return [...grouped(cut, ({ policy }) => `${policy.namespace}/${policy.name}`).values()].flatMap(
      (group): Found[] => {
        const [first] = group;
        if (first === undefined) return [];
        return [
          {
            ...about(first.policy.resource),
            message: 'no ALLOW policy admits Knative’s activator and autoscaler',
            got: `nothing from namespace ${KNATIVE} to ${nameAt(world, first.place)}`,
            expected: `namespace ${KNATIVE}, at least for /metrics, /healthz and /wait-for-drain`,
            fix: `spec.rules: add {from: [{source: {namespaces: [${KNATIVE}]}}]}`,
          },
        ];
      },
    );
  },
};

function example(namespace: string): string {
  return `
apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: bert, namespace: ml-serving }
spec:
  template:
    metadata: { labels: { sidecar.istio.io/inject: 'true' } }
    spec: { containers: [{ image: bert }] }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: bert, namespace: ml-serving }
spec: { rules: [{ from: [{ source: { namespaces: [${namespace}] } }] }] }
`;
}

function isServed(world: World, place: number): boolean {
  // whether pods are in the mesh must be certain
  return (
    world.pointOf(place) !== undefined && world.classes[place]?.pods.labels[SERVED] !== undefined
  );
}

/** Whether some request of the activator may pass at the queue-proxy. */
function admitsKnative(world: World, place: number): boolean {
  const target = world.reach.mesh?.targets.byPlace[place];
  const { trustDomain } = world.cluster.profile.mesh;
  return QUEUE_PROXY.some((port) =>
    ['activator', 'autoscaler', 'controller'].some((account) => {
      const identity = { trustDomain, namespace: KNATIVE, account };
      const answer = target?.direct(port, { identity, addresses: [] });
      return answer === undefined || !isEmptyRequests(answer.possible);
    }),
  );
}
