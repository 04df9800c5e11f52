/**
 * Tokens: which ones a workload validates, and on which of its ports every request needs one.
 */
import type { WorkloadData } from '../../traffic/data';
import { meshDeclarations } from '../../traffic/model';
import type { JwtDeclaration } from '../../traffic/request-data';
import type { RenderContext } from '../context';
import { requestPorts } from './service-ports';

/** Tokens that a workload validates, where a proxy sees its requests. */
export function tokensOf(
  { model }: RenderContext,
  { namespace, name }: Pick<WorkloadData, 'namespace' | 'name'>,
): JwtDeclaration[] {
  return meshDeclarations(model, 'jwt').filter(
    (one) => one.namespace === namespace && one.workload === name,
  );
}

/** Pod ports on which requests need a token: those of purpose service that carry requests. */
export function guardedPorts(context: RenderContext, workload: WorkloadData): number[] {
  return tokensOf(context, workload).length === 0 ? [] : requestPorts(workload, undefined);
}
