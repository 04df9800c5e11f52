import { Mesh } from '../../src/cluster/mesh';
import { problemOf } from './problem-of';

describe('Mesh', () => {
  it('is named as Istio installs it', () => {
    expect(Mesh.sidecar()._data).toEqual({
      mode: 'sidecar',
      trustDomain: 'cluster.local',
      rootNamespace: 'istio-system',
      controlPlaneLabels: { app: 'istiod' },
    });
    expect(Mesh.ambient()._data).toEqual({ ...Mesh.sidecar()._data, mode: 'ambient' });
  });

  it('takes other names', () => {
    const options = {
      trustDomain: 'prod.example.com',
      rootNamespace: 'istio-control',
      controlPlaneLabels: { app: 'istiod', 'istio.io/rev': 'stable' },
    };
    expect(Mesh.ambient(options)._data).toEqual({ mode: 'ambient', ...options });
  });

  it('knows whether there is one', () => {
    expect([Mesh.none(), Mesh.sidecar(), Mesh.ambient()].map((mesh) => mesh.enabled)).toEqual([
      false,
      true,
      true,
    ]);
    expect(Mesh.none().toString()).toBe('no mesh');
    expect(Mesh.ambient().toString()).toBe('ambient mesh');
  });

  it.each([
    ['spiffe://cluster.local', { trustDomain: 'spiffe://cluster.local' }, 'trustDomain'],
    ['', { trustDomain: '' }, 'trustDomain'],
    ['Istio', { rootNamespace: 'Istio' }, 'rootNamespace'],
    [{}, { controlPlaneLabels: {} }, 'controlPlaneLabels'],
  ])('fails for %j', (got, options, field) => {
    const problem = problemOf(() => Mesh.sidecar(options));
    expect(problem).toMatchObject({ where: `Mesh.sidecar: ${field}`, got });
  });
});
