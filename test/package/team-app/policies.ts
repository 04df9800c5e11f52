/** What a team writes about its policies: run by ts-jest, which checks the types of the matchers too. */

import { Testing } from 'cdk8s';
import { TrafficModel } from 'cdk8s-ml-netpol';
import { PolicyCluster } from 'cdk8s-ml-netpol/testing';
import { World } from 'cdk8s-ml-netpol/analysis';
import { MyChart } from './main';

const chart = new MyChart(Testing.app(), 'team');
const cluster = PolicyCluster.fromObjects(Testing.synth(chart), {
  model: TrafficModel.of(chart).lines,
});

test('the model API reaches its feature store, and not the other way round', () => {
  expect(cluster).toReach('llm-serving/model-api', 'llm-serving/feature-store', 6566);
  expect(cluster).not.toReach('llm-serving/feature-store', 'llm-serving/model-api');
  expect(cluster).toBeIsolated('llm-serving/*');
  expect(cluster).toHaveNoFindings({ rules: ['dns-egress-missing'] });
  expect(cluster.world).toBeInstanceOf(World);
});

test('only clusters are asked', () => {
  // @ts-expect-error: a number reaches nobody
  const ask = () => expect(5).toReach('a/b', 'c/d');
  expect(ask).toThrow('expected a PolicyCluster');
});
