/** Where policies of ours may be written. */
import type { ModelState } from '../traffic/model';

/** Whether we own the namespace, or write into it. */
export function isWritable(model: ModelState, namespace: string): boolean {
  const ownership = model.namespaces.get(namespace)?.ownership;
  return ownership === 'ours' || ownership === 'existing';
}
