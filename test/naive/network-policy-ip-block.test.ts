/**
 * Does the naive evaluator read ipBlock as the API says where Kubernetes' own end-to-end tests are
 * silent? They have no IPv6, no dual-stack pod, one exception at a time and no pod without address.
 * Titles are facts of IPBlock in kubernetes/api 1ff8524 networking/v1/types.go, or of the header of
 * network-policy.ts where the API leaves them open; the arithmetic has cidr.test.ts.
 */

import { allowed, egressAllowed, ingressAllowed } from './network-policy';
import {
  bert,
  egressTo,
  huggingface,
  ingressFrom,
  metadata,
  mlflow,
  modelApi,
  worldWith,
} from './platform';
import type { Pod, World } from './world';

describe('ipBlock', () => {
  const toBlocks = (...blocks: [cidr: string, except?: string[]][]): World =>
    egressTo(blocks.map(([cidr, except]) => ({ ipBlock: { cidr, except: except ?? null } })));
  const reaches = (world: World, ip: string): boolean => allowed(world, bert, { ip }, 'TCP', 443);

  test('matches addresses outside, and pods by their address', () => {
    expect(reaches(toBlocks(['18.154.0.0/16']), '18.154.227.87')).toBe(true);
    expect(reaches(toBlocks(['18.154.0.0/16']), '18.155.0.0')).toBe(false);
    expect(allowed(toBlocks(['10.0.3.0/24']), bert, mlflow, 'TCP', 5000)).toBe(true);
    expect(allowed(toBlocks(['10.0.3.0/24']), bert, modelApi, 'TCP', 8080)).toBe(false);
  });

  test('leaves out every one of several overlapping exceptions', () => {
    const world = toBlocks(['10.0.0.0/8', ['10.1.0.0/16', '10.1.2.0/24', '10.0.3.10/32']]);
    const ips = ['10.0.0.1', '10.1.0.1', '10.1.2.3', '10.0.3.10', '10.0.3.11'];
    expect(ips.map((ip) => reaches(world, ip))).toEqual([true, false, false, false, true]);
  });

  test('an exception is re-admitted by another peer, rule or policy', () => {
    const except: [string, string[]] = ['0.0.0.0/0', ['10.0.0.0/8']];
    const both = toBlocks(except, ['10.0.3.10/32']);
    expect(reaches(both, '10.0.3.10')).toBe(true);
    expect(reaches(both, '10.0.3.11')).toBe(false);
    const policies = [...toBlocks(except).policies, ...toBlocks(['10.0.3.10/32']).policies];
    expect(reaches(worldWith(...policies), '10.0.3.10')).toBe(true);
    expect(reaches(worldWith(...policies), '10.0.3.11')).toBe(false);
  });

  test('0.0.0.0/0 admits pods, nodes and the metadata address', () => {
    const world = toBlocks(['0.0.0.0/0']);
    for (const peer of [mlflow, { ip: '192.0.2.10' }, metadata, huggingface]) {
      expect(allowed(world, bert, peer, 'TCP', 443)).toBe(true);
    }
  });

  test('leaves out IPv6 exceptions', () => {
    const world = toBlocks(['::/0', ['fd00:ec2::254/128']]);
    expect(reaches(world, 'fd00:ec2::254')).toBe(false);
    expect(reaches(world, 'fd00:ec2::255')).toBe(true);
  });

  test('IPv4 never matches IPv6, nor the reverse', () => {
    expect(reaches(toBlocks(['0.0.0.0/0']), '2001:db8::7')).toBe(false);
    expect(reaches(toBlocks(['::/0']), '18.154.227.87')).toBe(false);
    expect(reaches(toBlocks(['::/96']), '0.0.0.7')).toBe(false);
  });

  test('a dual-stack pod is reached by the family that is admitted, if the source has it', () => {
    const dual: Pod = { ...mlflow, ips: ['10.0.3.10', 'fd00::3:10'] };
    const source: Pod = { ...bert, ips: ['10.0.2.10', 'fd00::2:10'] };
    expect(allowed(toBlocks(['fd00::/64']), source, dual, 'TCP', 5000)).toBe(true);
    expect(allowed(toBlocks(['10.0.3.0/24']), source, dual, 'TCP', 5000)).toBe(true);
    expect(allowed(toBlocks(['fd00::/64']), bert, dual, 'TCP', 5000)).toBe(false);
    expect(allowed(toBlocks(['fd00::/64']), source, mlflow, 'TCP', 5000)).toBe(false);
  });

  test('of two dual-stack pods both ends have to admit one and the same family', () => {
    const source: Pod = { ...bert, ips: ['10.0.2.10', 'fd00::2:10'] };
    const target: Pod = { ...modelApi, ips: ['10.0.1.10', 'fd00::1:10'] };
    const out = toBlocks(['10.0.0.0/8']).policies;
    const inV4 = ingressFrom([{ ipBlock: { cidr: '10.0.0.0/8' } }]).policies;
    const inV6 = ingressFrom([{ ipBlock: { cidr: 'fd00::/64' } }]).policies;
    expect(allowed(worldWith(...out, ...inV4), source, target, 'TCP', 8080)).toBe(true);
    const crossed = worldWith(...out, ...inV6);
    expect(egressAllowed(crossed, source, target, 'TCP', 8080)).toBe(true);
    expect(ingressAllowed(crossed, source, target, 'TCP', 8080)).toBe(true);
    expect(allowed(crossed, source, target, 'TCP', 8080)).toBe(false);
    const onlyV6 = { ...target, ips: ['fd00::1:10'] };
    expect(allowed(worldWith(...inV4), source, onlyV6, 'TCP', 8080)).toBe(false);
    expect(allowed(worldWith(...inV6), source, onlyV6, 'TCP', 8080)).toBe(true);
  });

  test('two ends without a common family are judged by policy alone', () => {
    expect(reaches(toBlocks(['::/0']), '2001:db8::7')).toBe(true);
  });

  test('a pod without known address is matched by /0 without exceptions only', () => {
    const unknown: Pod = { ...mlflow, ip: undefined };
    const ask = (world: World): boolean => allowed(world, bert, unknown, 'TCP', 5000);
    expect(ask(toBlocks(['0.0.0.0/0']))).toBe(true);
    expect(ask(toBlocks(['::/0']))).toBe(true);
    expect(ask(toBlocks(['0.0.0.0/0', ['169.254.169.254/32']]))).toBe(false);
    expect(ask(toBlocks(['10.0.0.0/8']))).toBe(false);
    expect(ask(toBlocks(['0.0.0.0/1'], ['128.0.0.0/1']))).toBe(false);
  });
});
