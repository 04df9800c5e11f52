/**
 * RequestAuthentication: tokens that are validated. It refuses invalid tokens only; that a token is
 * required at all stands in the AuthorizationPolicy.
 */
import type { JwtDeclaration } from '../../traffic/mesh-data';
import { workloadKey } from '../../traffic/data';
import { meshDeclarations } from '../../traffic/model';
import type { RenderContext } from '../context';
import type { MeshObject } from './object';
import { SECURITY } from './object';
import { servicesOf } from './selectors';

/** One RequestAuthentication per workload, with all of its issuers. */
export function tokenObjects({ model, profile }: RenderContext): MeshObject[] {
  const byWorkload = new Map<string, JwtDeclaration[]>();
  for (const one of meshDeclarations(model, 'jwt')) {
    const key = workloadKey(one.namespace, one.workload);
    byWorkload.set(key, [...(byWorkload.get(key) ?? []), one]);
  }
  return [...byWorkload].flatMap(([key, declarations]) => {
    const workload = model.workloads.get(key);
    if (workload === undefined) return [];
    return [
      {
        apiVersion: SECURITY,
        kind: 'RequestAuthentication',
        namespace: workload.namespace,
        name: `${workload.name}-jwt`,
        spec: {
          ...(profile.mesh.mode === 'ambient'
            ? servicesOf(workload.services.map((service) => service.name))
            : { selector: { matchLabels: workload.labels } }),
          jwtRules: declarations.map(jwtRule),
        },
        flows: [],
        baseline: false,
        allows: false,
      },
    ];
  });
}

function jwtRule({ issuer, audiences, jwks, jwksUri }: JwtDeclaration): object {
  return {
    issuer,
    ...(audiences.length > 0 && { audiences }),
    ...(jwks !== undefined && { jwks }),
    ...(jwksUri !== undefined && { jwksUri }),
  };
}
