/**
 * Who serves an Ingress: the controller of its class, by the labels under which the common ones are
 * installed. Clouds serve some classes from outside of the cluster.
 *
 * Source: kubernetes/api:networking/v1/types.go (IngressClass); the controllers' own Helm charts
 */
import type { Cluster, Labels } from '../../read/cluster';
import { labelsAt, objectAt, textAt } from '../../read/json';
import type { Resource } from '../../read/resource';
import type { FrontSpec } from './declared';

interface Controller {
  /** Usual names of its class, and the `controller` of an IngressClass. */
  readonly names: readonly string[];
  /** One of them suffices; none: no pods of the cluster. */
  readonly labels: readonly Labels[];
}

const NAME = 'app.kubernetes.io/name';

const CONTROLLERS: readonly Controller[] = [
  { names: ['nginx', 'k8s.io/ingress-nginx'], labels: [{ [NAME]: 'ingress-nginx' }] },
  { names: ['nginx', 'nginx.org/ingress-controller'], labels: [{ [NAME]: 'nginx-ingress' }] },
  { names: ['traefik', 'traefik.io/ingress-controller'], labels: [{ [NAME]: 'traefik' }] },
  { names: ['contour', 'projectcontour.io/contour'], labels: [{ [NAME]: 'contour' }] },
  { names: ['kong', 'ingress-controllers.konghq.com/kong'], labels: [{ [NAME]: 'kong' }] },
  {
    names: ['haproxy', 'haproxy-ingress.github.io/controller'],
    labels: [{ [NAME]: 'haproxy-ingress' }],
  },
  {
    names: ['haproxy', 'haproxy.org/ingress-controller'],
    labels: [{ [NAME]: 'kubernetes-ingress' }],
  },
  { names: ['istio', 'istio.io/ingress-controller'], labels: [{ istio: 'ingressgateway' }] },
  { names: ['alb', 'ingress.k8s.aws/alb'], labels: [] },
  { names: ['gce', 'gce-internal', 'k8s.io/ingress-gce'], labels: [] },
  { names: ['azure-application-gateway', 'azure/application-gateway'], labels: [] },
];

/** Labels of every controller that is known, and of those that serve Gateways only. */
export const CONTROLLER_LABELS: readonly Labels[] = [
  ...CONTROLLERS.flatMap(({ labels }) => labels),
  { [NAME]: 'envoy-gateway' },
];

/** Who serves a class; absent: the default one, if the input says which. */
export function classFront(cluster: Cluster, className: string | undefined): FrontSpec {
  const classes = cluster.others.filter(({ kind }) => kind === 'IngressClass');
  const own =
    className === undefined
      ? classes.find(isDefault)
      : classes.find(({ name }) => name === className);
  const called = className ?? own?.name;
  const name = called === undefined ? 'an ingress controller' : `ingress class ${called}`;
  const controller = own && textAt(objectAt(own.object, 'spec'), 'controller');
  const found = CONTROLLERS.filter(({ names }) => names.includes(controller ?? called ?? ''));
  if (found.length === 0) return { kind: 'controller', name };
  return { kind: 'controller', name, labels: found.flatMap(({ labels }) => labels) };
}

function isDefault({ object }: Resource): boolean {
  const annotations = labelsAt(objectAt(object, 'metadata'), 'annotations');
  return annotations['ingressclass.kubernetes.io/is-default-class'] === 'true';
}
