/**
 * Pods that platform components run as: gateways, ingress controllers, monitoring.
 *
 * Ready-made ones say how the component's own installation labels them; whatever a cluster does
 * differently is overridden one by one. Ports are pod ports.
 */
import { fixFields } from '../values/immutable';
import { expectedDnsLabel, expectedDnsSubdomain } from '../values/names';
import type { PodsPeer } from '../values/peer';
import { Port, portData, PortPurpose } from '../values/port';
import { refuse } from '../values/problem';
import { checkedNamespace, checkedPodLabels } from './checks';
import type { PodGroupData } from './profile-data';

/** What a cluster does differently from the component's own installation. */
export interface PodGroupOverrides {
  /**
   * Name of the component, an RFC 1123 label.
   *
   * @default - as installed
   */
  readonly name?: string;

  /**
   * Namespace that it runs in.
   *
   * @default - as installed
   */
  readonly namespace?: string;

  /**
   * Labels of its pods; they replace all those of the installation.
   *
   * @default - as installed
   */
  readonly labels?: Record<string, string>;

  /**
   * Name of its service account.
   *
   * @default - as installed
   */
  readonly serviceAccount?: string;

  /**
   * Ports of its pods; they replace all those of the installation.
   *
   * @default - as installed
   */
  readonly ports?: Port[];

  /**
   * Whether its pods take part in the mesh.
   *
   * @default - as installed
   */
  readonly inMesh?: boolean;
}

/** Pods of a platform component. */
export interface PodGroupProps {
  /** Name of the component, an RFC 1123 label. */
  readonly name: string;

  /** Namespace that it runs in. */
  readonly namespace: string;

  /** Labels of its pods. */
  readonly labels: Record<string, string>;

  /**
   * Name of its service account.
   *
   * @default - unknown
   */
  readonly serviceAccount?: string;

  /**
   * Ports of its pods.
   *
   * @default - none: flows to it name their ports
   */
  readonly ports?: Port[];

  /**
   * Whether its pods take part in the mesh.
   *
   * @default - unknown
   */
  readonly inMesh?: boolean;
}

/** Pods that a platform component runs as. */
export class PodGroup {
  /** Pods of a component of your own. */
  public static of(props: PodGroupProps): PodGroup {
    return new PodGroup('PodGroup.of', props);
  }

  /**
   * Istio's ingress gateway as `istioctl install` makes it.
   *
   * @see https://github.com/istio/istio/blob/master/manifests/charts/gateways/istio-ingress/values.yaml
   */
  public static istioIngressGateway(overrides: PodGroupOverrides = {}): PodGroup {
    const installed = {
      name: 'istio-ingressgateway',
      namespace: 'istio-system',
      labels: { app: 'istio-ingressgateway', istio: 'ingressgateway' },
      serviceAccount: 'istio-ingressgateway-service-account',
      ports: [Port.http(8080), Port.https(8443), ...PROXY_PORTS],
      inMesh: true,
    };
    return new PodGroup('PodGroup.istioIngressGateway', merged(installed, overrides));
  }

  /**
   * An Istio gateway of the `gateway` Helm chart. Its labels and service account follow the
   * release's name, which `name` gives; without one, release `istio-ingressgateway` in
   * namespace istio-ingress is meant.
   *
   * @see https://github.com/istio/istio/blob/master/manifests/charts/gateway/templates/_helpers.tpl
   */
  public static istioGatewayChart(overrides: PodGroupOverrides = {}): PodGroup {
    const { name = 'istio-ingressgateway' } = overrides;
    const installed = {
      name,
      namespace: 'istio-ingress',
      labels: { app: name, istio: name.replace(/^istio-/, '') },
      serviceAccount: name,
      ports: [Port.http(80), Port.https(443), ...PROXY_PORTS],
      inMesh: true,
    };
    return new PodGroup('PodGroup.istioGatewayChart', merged(installed, overrides));
  }

  /**
   * The controller of ingress-nginx; the jobs of its installation carry the same name label, so
   * the component label is asked for too.
   *
   * @see https://github.com/kubernetes/ingress-nginx/blob/main/deploy/static/provider/cloud/deploy.yaml
   */
  public static ingressNginx(overrides: PodGroupOverrides = {}): PodGroup {
    const installed = {
      name: 'ingress-nginx',
      namespace: 'ingress-nginx',
      labels: {
        'app.kubernetes.io/name': 'ingress-nginx',
        'app.kubernetes.io/component': 'controller',
      },
      serviceAccount: 'ingress-nginx',
      ports: [
        Port.http(80),
        Port.https(443),
        Port.https(8443, { purpose: PortPurpose.WEBHOOK }),
        Port.http(10254, { purpose: PortPurpose.METRICS }),
      ],
    };
    return new PodGroup('PodGroup.ingressNginx', merged(installed, overrides));
  }

  /**
   * Prometheus as kube-prometheus installs it. The kube-prometheus-stack chart names its service
   * account after the release: override it there.
   *
   * @see https://github.com/prometheus-operator/kube-prometheus/blob/main/manifests/prometheus-prometheus.yaml
   */
  public static kubePrometheus(overrides: PodGroupOverrides = {}): PodGroup {
    const installed = {
      name: 'prometheus',
      namespace: 'monitoring',
      labels: { 'app.kubernetes.io/name': 'prometheus' },
      serviceAccount: 'prometheus-k8s',
      ports: [Port.http(9090), Port.http(8080, { purpose: PortPurpose.METRICS })],
    };
    return new PodGroup('PodGroup.kubePrometheus', merged(installed, overrides));
  }

  /** Name of the component. */
  public readonly name: string;

  /** @internal */
  readonly _data: PodGroupData;

  private constructor(where: string, props: PodGroupProps) {
    this.name = checkedName(`${where}: name`, props.name);
    this._data = {
      namespace: checkedNamespace(`${where}: namespace`, props.namespace),
      labels: checkedPodLabels(`${where}: labels`, props.labels),
      serviceAccount: checkedServiceAccount(`${where}: serviceAccount`, props.serviceAccount),
      ports: (props.ports ?? []).map(portData),
      inMesh: props.inMesh,
    };
    fixFields(this);
  }

  /** Readable form: `ingress-nginx in namespace nginx`. */
  public toString(): string {
    return `${this.name} in namespace ${this._data.namespace}`;
  }
}

/** The pods of a group, as one end of a connection. */
export function podGroupPeer(group: PodGroupData): PodsPeer {
  const { namespace, labels, serviceAccount, ports, inMesh } = group;
  return {
    kind: 'pods',
    namespaces: { kind: 'names', names: [namespace] },
    pods: { matchLabels: labels, matchExpressions: [] },
    ports,
    serviceAccount: serviceAccount === undefined ? undefined : `${namespace}/${serviceAccount}`,
    inMesh,
  };
}

/** Ports that every Istio proxy opens: istio/istio:manifests/charts/gateway/templates/networkpolicy.yaml */
const PROXY_PORTS: readonly Port[] = [
  Port.http(15020, { purpose: PortPurpose.METRICS }),
  Port.http(15021, { purpose: PortPurpose.HEALTH }),
  Port.http(15090, { purpose: PortPurpose.METRICS }),
];

function merged(installed: PodGroupProps, overrides: PodGroupOverrides): PodGroupProps {
  return {
    name: overrides.name ?? installed.name,
    namespace: overrides.namespace ?? installed.namespace,
    labels: overrides.labels ?? installed.labels,
    serviceAccount: overrides.serviceAccount ?? installed.serviceAccount,
    ports: overrides.ports ?? installed.ports,
    inMesh: overrides.inMesh ?? installed.inMesh,
  };
}

function checkedName(where: string, name: string): string {
  const expected = expectedDnsLabel(name);
  if (expected === undefined) return name;
  return refuse({ code: 'component-name', where, got: name, expected, fix: `'ingress-nginx'` });
}

function checkedServiceAccount(where: string, name: string | undefined): string | undefined {
  const expected = name === undefined ? undefined : expectedDnsSubdomain(name);
  if (expected === undefined) return name;
  return refuse({ code: 'service-account', where, got: name, expected, fix: `'prometheus-k8s'` });
}
