import { Cni } from '../../src/cluster/cni';
import { problemOf } from './problem-of';

describe('Cni', () => {
  it.each([
    // plug-in, enforces, CIDRs match pods, own node always gets in, judges before DNAT
    [Cni.CALICO, true, true, true, false],
    [Cni.CANAL, true, true, true, false],
    [Cni.CILIUM, true, false, true, false],
    [Cni.GKE_DATAPLANE_V2, true, false, undefined, false],
    [Cni.KINDNET, true, true, undefined, false],
    [Cni.OVN_KUBERNETES, true, true, true, false],
    [Cni.AWS_VPC, undefined, true, true, true],
    [Cni.AZURE, true, true, true, false],
    [Cni.ANTREA, true, undefined, true, false],
    [Cni.FLANNEL, false, undefined, undefined, false],
    [Cni.NONE, false, undefined, undefined, false],
    [Cni.UNKNOWN, undefined, undefined, undefined, false],
  ])('%s reads NetworkPolicy as its source says', (cni, enforces, pods, node, beforeDnat) => {
    expect(cni._data).toMatchObject({ policyBeforeDnat: beforeDnat });
    const { enforces: does, ipBlockMatchesPods, nodeTrafficImplicit } = cni._data;
    expect([does, ipBlockMatchesPods, nodeTrafficImplicit]).toEqual([enforces, pods, node]);
  });

  it.each([
    [Cni.CILIUM, false],
    [Cni.GKE_DATAPLANE_V2, false],
    [Cni.CALICO, undefined],
  ])('%s matches nodes by their addresses: %s', (cni, nodes) => {
    expect(cni._data.ipBlockMatchesNodes).toBe(nodes);
  });

  it('keeps the readings of the plug-in that it is like, but for what is said', () => {
    const enforcing = Cni.of({ like: Cni.AWS_VPC, enforces: true });
    expect(enforcing._data).toEqual({ ...Cni.AWS_VPC._data, enforces: true });
    expect(enforcing.toString()).toBe('aws-vpc');
  });

  it('knows nothing of a plug-in of your own but what is said', () => {
    expect(Cni.of({ name: 'kube-router', enforces: true })._data).toEqual({
      name: 'kube-router',
      enforces: true,
      policyBeforeDnat: false,
    });
  });

  it('fails for a name that no report could print', () => {
    const problem = problemOf(() => Cni.of({ name: 'Kube Router' }));
    expect(problem).toMatchObject({
      code: 'cni-name',
      where: 'Cni.of: name',
      got: 'Kube Router',
      source: expect.stringMatching(/^test\/cluster\/cni\.test\.ts:\d+$/),
    });
  });
});
