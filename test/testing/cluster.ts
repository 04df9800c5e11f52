/** A training namespace that is closed, what it may reach, and one that nobody closed. */
export const YAML = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: mlflow, namespace: mlflow }
spec:
  selector: { matchLabels: { app: mlflow } }
  template:
    metadata: { labels: { app: mlflow } }
    spec: { containers: [{ name: main, image: mlflow, ports: [{ containerPort: 5000 }] }] }
---
apiVersion: batch/v1
kind: Job
metadata: { name: bert, namespace: ml-training }
spec:
  template:
    metadata: { labels: { app: bert } }
    spec: { containers: [{ name: main, image: bert }] }
---
apiVersion: v1
kind: Pod
metadata: { name: dashboard, namespace: reporting, labels: { app: dashboard } }
spec: { containers: [{ name: main, image: dashboard }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: ml-training }
spec: { podSelector: {}, policyTypes: [Ingress, Egress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: bert-egress, namespace: ml-training }
spec:
  podSelector: { matchLabels: { app: bert } }
  policyTypes: [Egress]
  egress:
    - to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: mlflow } } }]
      ports: [{ port: 5000 }]
    - to: [{ ipBlock: { cidr: 203.0.113.0/25 } }]
      ports: [{ port: 443 }]
`;

/** Only POST /v1/predict of one account, and a token for the rest. */
export const MESH_YAML = `
apiVersion: v1
kind: Namespace
metadata: { name: llm-serving, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Namespace
metadata: { name: ml-jobs, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Pod
metadata: { name: model-api, namespace: llm-serving, labels: { app: model-api } }
spec: { containers: [{ name: main, image: api, ports: [{ containerPort: 8080 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: model-api, namespace: llm-serving }
spec: { selector: { app: model-api }, ports: [{ name: http, port: 8080 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: scorer, namespace: ml-jobs, labels: { app: scorer } }
spec: { serviceAccountName: scorer, containers: [{ name: main, image: scorer }] }
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: llm-serving }
spec: { mtls: { mode: STRICT } }
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: model-api, namespace: llm-serving }
spec:
  selector: { matchLabels: { app: model-api } }
  action: ALLOW
  rules:
    - from: [{ source: { principals: [cluster.local/ns/ml-jobs/sa/scorer] } }]
      to: [{ operation: { methods: [POST], paths: [/v1/predict] } }]
    - from: [{ source: { principals: [cluster.local/ns/ml-jobs/sa/scorer] } }]
      to: [{ operation: { methods: [GET], paths: [/v1/models] } }]
      when: [{ key: 'request.headers[x-tenant]', values: [ml] }]
`;
