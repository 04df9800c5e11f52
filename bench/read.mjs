// What reading costs: YAML parsers against each other on one text, then this package's own reader.
// CPU seconds, the best of five runs in one process. `node scripts/build.mjs && node bench/read.mjs`

import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import * as jsYaml from 'js-yaml';
import * as eemeli from 'yaml';

const policy = (i) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: model-api-${i}-ingress
  namespace: llm-serving-${i % 50}
spec:
  podSelector:
    matchLabels:
      app: model-api-${i}
  policyTypes:
    - Ingress
  ingress:
    - from:
        - namespaceSelector:
            matchLabels:
              kubernetes.io/metadata.name: ml-jobs
          podSelector:
            matchLabels:
              app: scorer
      ports:
        - protocol: TCP
          port: 8080
`;
const deployment = (i) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: model-api-${i}
  namespace: llm-serving-${i % 50}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: model-api-${i}
  template:
    metadata:
      labels:
        app: model-api-${i}
    spec:
      serviceAccountName: model-api-${i}
      containers:
        - name: server
          image: model-api
          ports:
            - name: http
              containerPort: 8080
`;
const many = (count, of) => Array.from({ length: count }, (_, i) => of(i));

function measure(what, run) {
  const seconds = many(5, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  console.log(`${Math.min(...seconds).toFixed(2)} s  ${what}`);
}

const text = many(2800, policy).join('---\n');
console.log(`${(text.length / 1e6).toFixed(2)} MB of YAML, 2800 documents`);
measure('js-yaml: values', () => jsYaml.loadAll(text));
measure('js-yaml: events with offsets only', () => jsYaml.parseEvents(text));
measure('yaml: values with positions', () => {
  const lineCounter = new eemeli.LineCounter();
  for (const document of eemeli.parseAllDocuments(text, { lineCounter })) document.toJS();
});

const require = createRequire(import.meta.url);
if (!existsSync(new URL('../lib/src/read/files.js', import.meta.url))) {
  console.log('not built: node scripts/build.mjs');
} else {
  const { readText } = require('../lib/src/read/read-text.js');
  const { clusterOf } = require('../lib/src/read/cluster-of.js');
  measure('this reader: objects', () => readText('a.yaml', text));
  measure('this reader: objects, one position of each', () => {
    for (const one of readText('a.yaml', text).resources) one.locate(['spec', 'ingress', 0]);
  });
  const large = [...many(50_000, policy), ...many(20_000, deployment)].join('---\n');
  console.log(`${(large.length / 1e6).toFixed(0)} MB: 50,000 policies, 20,000 workloads`);
  const read = readText('a.yaml', large);
  measure('this reader: objects', () => readText('a.yaml', large));
  measure('this reader: objects to cluster', () => clusterOf(read));
}
