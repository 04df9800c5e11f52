/** How Istio policies say which pods they are about. */
import type { SelectorData } from '../../values/selector';
import { isEverything } from '../../values/selector';

/** Istio selects by equal labels only; no selector means the whole namespace. */
export function selectorOf(pods: SelectorData): { selector?: { matchLabels: object } } {
  return isEverything(pods) ? {} : { selector: { matchLabels: pods.matchLabels } };
}

/** Policies of a waypoint name the Services that they are about; a selector would be ignored there. */
export function servicesOf(names: readonly string[]): { targetRefs: object[] } {
  return { targetRefs: names.map((name) => ({ group: '', kind: 'Service', name })) };
}
