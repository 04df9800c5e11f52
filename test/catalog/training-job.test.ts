import { TrainingJob } from '../../src/catalog/training-job';
import { MlPlatform } from '../../src/constructs/ml-platform';
import { TrafficModel } from '../../src/constructs/traffic-model';
import { Peer } from '../../src/traffic/peer';
import { clusterOf, pod, reach } from '../support/cluster';
import { outputFolder } from '../support/reach';

const bert = (index: number) =>
  pod(`ml-training/bert-${String(index)}`, {
    'training.kubeflow.org/job-name': 'bert',
    'training.kubeflow.org/replica-index': String(index),
  });
const gpt = pod('ml-training/gpt-0', { 'training.kubeflow.org/job-name': 'gpt' });
const PODS = [bert(0), bert(1), gpt, pod('ml-jobs/scorer')];

function training() {
  const platform = new MlPlatform({ outdir: outputFolder() });
  return { platform, module: platform.module('ml-training') };
}

describe('TrainingJob.pytorch', () => {
  it('talks among the pods of one job on all ports, and with no other job', () => {
    const { platform, module } = training();
    for (const name of ['bert', 'gpt']) module.add(TrainingJob.pytorch(name));
    expect(reach(clusterOf(platform), 'ml-training', PODS, 23456, 41000)).toEqual([
      'ml-training/bert-0 -> ml-training/bert-1 TCP 23456',
      'ml-training/bert-0 -> ml-training/bert-1 TCP 41000',
      'ml-training/bert-1 -> ml-training/bert-0 TCP 23456',
      'ml-training/bert-1 -> ml-training/bert-0 TCP 41000',
    ]);
  });

  it('is called on its rendezvous port where a flow names the role', () => {
    const { platform, module } = training();
    const job = module.add(TrainingJob.pytorch('bert'));
    module
      .workload('launcher', { labels: { 'training.kubeflow.org/job-name': 'gpt' } })
      .allowTo(job.rendezvous, { reason: 'elastic launch' });
    const lines = reach(clusterOf(platform), 'ml-training', PODS, 23456, 41000);
    expect(lines.filter((line) => line.startsWith('ml-training/gpt-0'))).toEqual([
      'ml-training/gpt-0 -> ml-training/bert-0 TCP 23456',
      'ml-training/gpt-0 -> ml-training/bert-1 TCP 23456',
    ]);
  });

  it('never opens its rendezvous port to whoever names only the job', () => {
    const { platform, module } = training();
    module.add(TrainingJob.pytorch('bert')).allowFrom(Peer.namespace('ml-jobs'));
    expect(() => platform.synth()).toThrow(
      'expected ports: ml-training/bert declares no port of purpose service',
    );
  });

  it('stays out of the mesh, and takes the account and labels that it is given', () => {
    const { platform, module } = training();
    const labels = { 'training.kubeflow.org/replica-type': 'worker' };
    module.add(TrainingJob.pytorch('bert', { labels, serviceAccount: 'trainer' }));
    const [record = ''] = TrafficModel.of(platform).lines.filter((line) =>
      line.includes('"record":"workload"'),
    );
    expect(JSON.parse(record)).toMatchObject({
      namespace: 'ml-training',
      name: 'bert',
      labels,
      serviceAccount: 'trainer',
      inMesh: false,
      ports: [{ protocol: 'TCP', port: 23456, name: 'pytorchjob-port', purpose: 'peer' }],
    });
  });

  it('knows its one role by getter and by name', () => {
    const { module } = training();
    const job = module.add(TrainingJob.pytorch('bert'));
    expect(job.rendezvous.peerName).toBe('ml-training/bert rendezvous');
    expect(job.role('rendezvous')).toBe(job.rendezvous);
    expect(job.peerName).toBe('ml-training/bert');
    expect(job.workload.workloadName).toBe('bert');
  });
});
