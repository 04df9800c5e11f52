import { Peer } from '../../src/traffic/peer';
import { LabelSelector } from '../../src/values/selector';
import { refused } from './refusal';

const serving = { matchLabels: { app: 'model-api' }, matchExpressions: [] };
const everyPod = { matchLabels: {}, matchExpressions: [] };

describe('Peer', () => {
  test('is every pod of a namespace by name, of namespaces by label, or of all', () => {
    expect(Peer.namespace('ml-jobs')._peer()).toEqual({
      kind: 'pods',
      namespaces: { kind: 'names', names: ['ml-jobs'] },
      pods: everyPod,
    });
    expect(Peer.namespaces({ team: 'vision' })._peer()).toEqual({
      kind: 'pods',
      namespaces: {
        kind: 'labels',
        selector: { matchLabels: { team: 'vision' }, matchExpressions: [] },
      },
      pods: everyPod,
    });
    expect(Peer.allPods()._peer()).toEqual({
      kind: 'pods',
      namespaces: { kind: 'all' },
      pods: everyPod,
    });
  });

  test('is pods by label in namespaces by name or label, as one peer', () => {
    const labels = { app: 'model-api' };
    const byName = Peer.pods({ labels, namespace: 'llm-serving' });
    expect(byName._peer()).toEqual({
      kind: 'pods',
      namespaces: { kind: 'names', names: ['llm-serving'] },
      pods: serving,
    });
    const selector = LabelSelector.of({ labels, absent: ['debug'] });
    const byLabel = Peer.pods({ selector, namespaceLabels: { team: 'vision' } });
    expect(byLabel._peer()).toMatchObject({
      namespaces: { kind: 'labels', selector: { matchLabels: { team: 'vision' } } },
      pods: selector._data,
    });
  });

  test('is a block of addresses without its exceptions', () => {
    const peer = Peer.cidr('10.0.0.0/8', { except: ['10.2.0.0/16', '10.1.0.0/16'] });
    const block = { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/16'] };
    expect(peer._peer()).toEqual({ kind: 'cidr', block });
  });

  test('is host names, in lower case, sorted, each once', () => {
    const peer = Peer.fqdn('*.HF.co', 'huggingface.co', '*.hf.co');
    expect(peer._peer()).toEqual({ kind: 'fqdn', names: ['*.hf.co', 'huggingface.co'] });
    expect(Peer.fqdn(`${'a'.repeat(63)}.co`)._peer()).toMatchObject({ kind: 'fqdn' });
  });

  test('names itself for reports', () => {
    const labels = { app: 'bert' };
    const peers = [
      Peer.namespace('ml-jobs'),
      Peer.namespaces({ team: 'vision' }),
      Peer.allPods(),
      Peer.pods({ labels, namespace: 'ml-jobs' }),
      Peer.pods({ labels, namespaceLabels: { team: 'vision' } }),
      Peer.cidr('10.0.0.0/8', { except: ['10.1.0.0/16'] }),
      Peer.fqdn('huggingface.co', '*.hf.co'),
      Peer.internet(),
      Peer.kubeApiserver(),
      Peer.dns(),
      Peer.nodes(),
      Peer.any(),
    ];
    expect(peers.map(String)).toEqual([
      'namespace ml-jobs',
      'namespaces team=vision',
      'all pods',
      'pods app=bert in ml-jobs',
      'pods app=bert in namespaces team=vision',
      '10.0.0.0/8 except 10.1.0.0/16',
      '*.hf.co, huggingface.co',
      'internet',
      'kube-apiserver',
      'cluster DNS',
      'nodes',
      'anybody',
    ]);
    expect(peers.map(({ peerName }) => peerName)).toEqual(peers.map(String));
  });

  test('does not change', () => {
    const labels = { app: 'model-api' };
    const peer = Peer.pods({ labels, namespace: 'llm-serving' });
    labels.app = 'other';
    expect(peer._peer()).toMatchObject({ pods: serving });
    expect(() => Object.assign(peer, { peerName: 'other' })).toThrow(TypeError);
  });

  test('fails on a name that no namespace can have', () => {
    const code = 'namespace-name';
    const where = 'Peer.namespace';
    const text = refused(() => Peer.namespace('ML_jobs'), { code, where, got: 'ML_jobs' });
    expect(text).toBe(
      'Peer.namespace: got "ML_jobs", expected an RFC 1123 label: at most 63 characters of a-z, ' +
        `0-9 and "-", starting and ending alphanumeric; fix: 'ml-jobs'`,
    );
    const long = 'x'.repeat(64);
    refused(() => Peer.namespace(long), { code, where, got: long });
    refused(() => Peer.namespace(undefined as never), { code, where, got: undefined });
    const pods = { labels: { app: 'a' }, namespace: 'a.b' };
    refused(() => Peer.pods(pods), { code, where: 'Peer.pods: namespace', got: 'a.b' });
  });

  test('fails on pods in no namespace, or in one by name and label', () => {
    const [code, where] = ['pods-namespace', 'Peer.pods'];
    const labels = { app: 'bert' };
    const text = refused(() => Peer.pods({ labels }), { code, where });
    expect(text).toBe(
      'Peer.pods: got {}, expected either namespace or namespaceLabels: a peer without them ' +
        'would mean the policy’s own; ' +
        `fix: Peer.pods({ labels: { role: 'frontend' }, namespace: 'web' })`,
    );
    const got = { namespace: 'web', namespaceLabels: { a: 'b' } };
    refused(() => Peer.pods({ labels, ...got }), { code, where, got });
  });

  test('fails on labels beside a selector', () => {
    const [code, where] = ['pods-ambiguous', 'Peer.pods'];
    const labels = { app: 'bert' };
    const selector = LabelSelector.labels(labels);
    const text = refused(() => Peer.pods({ labels, selector, namespace: 'a' }), { code, where });
    expect(text).toBe(
      'Peer.pods: got {"labels":{"app":"bert"},"selector":"app=bert"}, expected labels or ' +
        'selector, not both; fix: LabelSelector.of({ labels: { … }, present: [ … ] })',
    );
  });

  test('fails on labels that would mean everybody, or that no pod can have', () => {
    const code = 'empty-selector';
    refused(() => Peer.namespaces({}), { code, where: 'Peer.namespaces' });
    refused(() => Peer.pods({ namespace: 'a' }), { code, where: 'Peer.pods: labels' });
    const where = 'Peer.pods: namespaceLabels';
    const labels = { app: 'bert' };
    refused(() => Peer.pods({ labels, namespaceLabels: {} }), { code, where });
    const key = { code: 'label-key', where: 'Peer.namespaces', got: 'a b' };
    refused(() => Peer.namespaces({ 'a b': '' }), key);
  });

  test('fails on a block or an exception that is none', () => {
    refused(() => Peer.cidr('10.0.0.1/8'), { code: 'cidr-host-bits', where: 'Peer.cidr: cidr' });
    refused(() => Peer.cidr('10.0.0.0'), { code: 'cidr', where: 'Peer.cidr: cidr' });
    refused(() => Peer.cidr(undefined as never), { code: 'cidr', where: 'Peer.cidr: cidr' });
    const except = ['11.0.0.0/16'];
    const where = 'Peer.cidr: except';
    refused(() => Peer.cidr('10.0.0.0/8', { except }), { code: 'cidr-except', where });
  });

  test('fails on what is no host name', () => {
    const [code, where] = ['fqdn', 'Peer.fqdn'];
    expect(refused(() => Peer.fqdn(), { code, where, got: [] })).toBe(
      'Peer.fqdn: got [], expected at least one host name; ' +
        `fix: Peer.fqdn('huggingface.co', '*.hf.co')`,
    );
    const text = refused(() => Peer.fqdn('https://hf.co'), { code, where, got: 'https://hf.co' });
    expect(text).toBe(
      'Peer.fqdn: got "https://hf.co", expected a host name with at least two labels, without ' +
        `scheme and port, exact or with a leading "*."; fix: Peer.fqdn('huggingface.co', '*.hf.co')`,
    );
    refused(() => Peer.fqdn('hf.co:443'), { code, where, got: 'hf.co:443' });
    refused(() => Peer.fqdn('localhost'), { code, where, got: 'localhost' });
    refused(() => Peer.fqdn('*'), { code, where, got: '*' });
    refused(() => Peer.fqdn('*.co'), { code, where, got: '*.co' });
    refused(() => Peer.fqdn('a.*.co'), { code, where, got: 'a.*.co' });
    refused(() => Peer.fqdn('10.0.0.1'), { code, where, got: '10.0.0.1' });
    refused(() => Peer.fqdn('hf..co'), { code, where, got: 'hf..co' });
    refused(() => Peer.fqdn(undefined as never), { code, where, got: undefined });
    const long = `${'a.'.repeat(126)}co`;
    refused(() => Peer.fqdn(long), { code, where, got: long });
  });
});
