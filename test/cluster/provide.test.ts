import { App, Chart } from 'cdk8s';
import { Cni } from '../../src/cluster/cni';
import { ClusterDns } from '../../src/cluster/dns';
import type * as Copy from '../../src/cluster/profile';
import { ClusterProfile } from '../../src/cluster/profile';
import { problemOf } from './problem-of';

describe('ClusterProfile.provide', () => {
  it('holds for the whole tree, from wherever in it', () => {
    const app = new App();
    const [training, serving] = [new Chart(app, 'training'), new Chart(app, 'serving')];
    ClusterProfile.provide(training, ClusterProfile.kind());
    expect(ClusterProfile.of(serving).name).toBe('kind');
    expect(ClusterProfile.of(app).name).toBe('kind');
    expect(ClusterProfile.of(new App()).name).toBe('generic');
  });

  it('is generic, without a mesh, until it is called, and may be called late', () => {
    const chart = new Chart(new App(), 'training');
    expect(ClusterProfile.of(chart).toString()).toBe('generic (unknown, no mesh)');
    ClusterProfile.provide(chart, ClusterProfile.eks());
    expect(ClusterProfile.of(chart).name).toBe('eks');
  });

  it('gives the same data every time, by which plans are remembered', () => {
    const [app, other] = [new App(), new App()];
    const profile = ClusterProfile.eks();
    ClusterProfile.provide(app, profile);
    expect(ClusterProfile.of(app)._data).toBe(profile._data);
    expect(ClusterProfile.of(other)._data).toBe(ClusterProfile.of(other)._data);
  });

  it('takes the same profile twice, however it was said', () => {
    const app = new App();
    const [a, b] = [ClusterDns.kubeDns(), ClusterDns.coreDnsChart()];
    ClusterProfile.provide(app, ClusterProfile.kind({ dns: ClusterDns.union(a, b) }));
    ClusterProfile.provide(app, ClusterProfile.kind({ dns: ClusterDns.union(b, a) }));
    const clusterIp = '10.96.0.10';
    const again = new App();
    const withIp = a.withClusterIp(clusterIp);
    ClusterProfile.provide(again, ClusterProfile.kind({ dns: withIp }));
    ClusterProfile.provide(again, ClusterProfile.kind({ dns: ClusterDns.union(withIp) }));
  });

  it('fails for a second, different profile, and names both and what differs', () => {
    const app = new App();
    const chart = new Chart(app, 'training');
    ClusterProfile.provide(app, ClusterProfile.eks());
    expect(problemOf(() => ClusterProfile.provide(chart, ClusterProfile.aks()))).toMatchObject({
      code: 'profile-twice',
      where: 'training',
      got: 'aks',
      expected: expect.stringContaining('it already has eks, which differs in apiServer, cni, dns'),
    });
    const cilium = ClusterProfile.eks({ cni: Cni.CILIUM });
    expect(problemOf(() => ClusterProfile.provide(app, cilium))).toMatchObject({
      where: 'ClusterProfile.provide',
      got: 'eks',
      expected: 'one profile for the whole tree: it already has eks, which differs in cni',
    });
    expect(ClusterProfile.of(chart)._data.cni.name).toBe('aws-vpc');
  });

  it('is shared with another copy of the package', () => {
    const app = new App();
    ClusterProfile.provide(app, ClusterProfile.eks());
    jest.isolateModules(() => {
      const copy = jest.requireActual<typeof Copy>('../../src/cluster/profile');
      expect(copy.ClusterProfile).not.toBe(ClusterProfile);
      expect(copy.ClusterProfile.of(app).name).toBe('eks');
      const theirs = copy.ClusterProfile.kind();
      expect(problemOf(() => copy.ClusterProfile.provide(app, theirs)).code).toBe('profile-twice');
    });
  });
});
