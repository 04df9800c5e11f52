// Clusters for benchmarks, as manifests. Two shapes:
//
//   ordinary     each namespace is default deny, with DNS, its own namespace, a gateway by the name of a
//                port, and components that call the next namespace and the internet with exceptions
//   adversarial  the same, but components may call every namespace of their team, and there are seven
//                teams: no two namespaces are independent
//
// A namespace has five policies and two workloads, unless more are asked for.

const WORKLOADS = ['model', 'features'];
const REPLICAS = 5;

/** All objects of a cluster. */
export function* objectsOf({ namespaces, shape = 'ordinary', workloads = 2 }) {
  yield* systemObjects();
  const more = Array.from({ length: workloads - WORKLOADS.length }, (_, at) => `worker-${at}`);
  for (let index = 0; index < namespaces; index += 1) {
    const name = nameOf(index);
    yield namespace(name, { team: `team-${index % 7}` });
    for (const workload of [...WORKLOADS, ...more]) yield deployment(name, workload, index);
    const next = nameOf((index + 1) % namespaces);
    const before = nameOf((index + namespaces - 1) % namespaces);
    yield* policiesOf(name);
    yield shape === 'ordinary'
      ? components(name, named(before), named(next), index)
      : components(name, team(index), team(index), index);
  }
}

const nameOf = (index) => `project-${index}`;
const named = (name) => ({ matchLabels: { 'kubernetes.io/metadata.name': name } });
const team = (index) => ({ matchLabels: { team: `team-${index % 7}` } });
const pods = (app) => ({ matchLabels: { app } });

function* systemObjects() {
  yield namespace('kube-system', {});
  yield namespace('gateway', {});
  yield deployment('kube-system', 'kube-dns', 0, [{ name: 'dns', containerPort: 53 }]);
  yield deployment('gateway', 'gateway', 0, [{ name: 'https', containerPort: 8443 }]);
}

function namespace(name, labels) {
  const own = { 'kubernetes.io/metadata.name': name, ...labels };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: own } };
}

function deployment(namespace, name, index, ports = portsOf(index)) {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name, image: 'registry.example.com/app', ports }] },
      },
    },
  };
}

/** One name with three numbers, so that it has to be looked up at each destination. */
function portsOf(index) {
  return [
    { name: 'http', containerPort: 8080 + (index % 3) },
    { name: 'metrics', containerPort: 9090 },
  ];
}

function policy(namespace, name, spec) {
  const apiVersion = 'networking.k8s.io/v1';
  return { apiVersion, kind: 'NetworkPolicy', metadata: { namespace, name }, spec };
}

function* policiesOf(name) {
  const everyPod = { podSelector: {} };
  const both = ['Ingress', 'Egress'];
  const dns = [{ namespaceSelector: named('kube-system'), podSelector: pods('kube-dns') }];
  const gateway = [{ namespaceSelector: named('gateway'), podSelector: pods('gateway') }];
  yield policy(name, 'default-deny', { ...everyPod, policyTypes: both });
  yield policy(name, 'dns', {
    ...everyPod,
    policyTypes: ['Egress'],
    egress: [{ to: dns, ports: ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 })) }],
  });
  yield policy(name, 'same-namespace', {
    ...everyPod,
    policyTypes: both,
    ingress: [{ from: [everyPod] }],
    egress: [{ to: [everyPod] }],
  });
  yield policy(name, 'gateway', {
    podSelector: pods('model'),
    policyTypes: ['Ingress'],
    ingress: [{ from: gateway, ports: [{ port: 'http' }] }],
  });
}

function components(name, callers, called, index) {
  const internet = {
    cidr: '0.0.0.0/0',
    except: ['10.0.0.0/8', '172.16.0.0/12', `192.168.${index % 256}.0/24`],
  };
  return policy(name, 'components', {
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        from: [{ namespaceSelector: callers, podSelector: pods('model') }],
        ports: [{ port: 'http' }, { port: 'metrics' }],
      },
    ],
    egress: [
      {
        to: [{ namespaceSelector: called, podSelector: pods('features') }],
        ports: [{ port: 'http' }],
      },
      { to: [{ ipBlock: internet }], ports: [{ port: 443 }] },
    ],
  });
}
