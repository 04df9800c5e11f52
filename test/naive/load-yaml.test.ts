/**
 * Is nothing of a folder lost on the way into the naive evaluator, and does a broken folder fail
 * instead of looking like a cluster without policies?
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadYaml } from './load-yaml';
import { allowed } from './network-policy';
import type { Pod } from './world';

const SERVING = `
apiVersion: v1
kind: Namespace
metadata:
  name: llm-serving
  labels: { tier: serving }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: model-api-ingress, namespace: llm-serving }
spec:
  podSelector: { matchLabels: { app: model-api } }
  policyTypes: [Ingress]
  ingress:
    - from: [{ podSelector: { matchLabels: { app: gateway } } }]
---
`;

const OTHERS = `
apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: Service, metadata: { name: mlflow, namespace: mlflow } }
  - { apiVersion: v1, kind: Namespace, metadata: { name: mlflow } }
  - { apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: { name: bert-egress } }
`;

describe('loadYaml', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'load-yaml-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  };

  test('reads all documents of all files, subfolders and lists included', () => {
    write('llm-serving.k8s.yaml', SERVING);
    write('team/mlflow.yml', OTHERS);
    write('traffic-model.jsonl', '{"kind":"flow"}\n');
    const { namespaces, policies, others } = loadYaml(folder);
    expect(namespaces).toEqual({
      'llm-serving': { labels: { tier: 'serving' } },
      mlflow: { labels: {} },
    });
    expect(policies.map(({ metadata }) => metadata.name)).toEqual(['model-api-ingress']);
    expect(others.map(({ kind }) => kind)).toEqual(['Service', 'CiliumNetworkPolicy']);
  });

  test('is a world as soon as a test adds pods', () => {
    write('llm-serving.k8s.yaml', SERVING);
    const pod = (app: string): Pod => ({ namespace: 'llm-serving', name: app, labels: { app } });
    const modelApi = pod('model-api');
    const gateway = pod('gateway');
    const notebook = pod('notebook');
    const world = { ...loadYaml(folder), pods: [modelApi, gateway, notebook] };
    expect(allowed(world, gateway, modelApi, 'TCP', 8080)).toBe(true);
    expect(allowed(world, notebook, modelApi, 'TCP', 8080)).toBe(false);
  });

  test('fails on a folder without YAML', () => {
    write('README.md', 'nothing here');
    expect(() => loadYaml(folder)).toThrow(`no YAML files in ${folder}`);
  });

  test('fails on YAML that does not parse, and names the file', () => {
    write('twice.yaml', 'apiVersion: v1\nkind: Namespace\nmetadata: { name: mlflow }\nkind: Pod\n');
    expect(() => loadYaml(folder)).toThrow(
      `${join(folder, 'twice.yaml')}: Map keys must be unique`,
    );
  });

  test('fails on a document that is no manifest, and names the file', () => {
    write('values.yaml', 'replicas: 3');
    expect(() => loadYaml(folder)).toThrow(
      `${join(folder, 'values.yaml')}: a document without apiVersion, kind and metadata.name`,
    );
  });
});
