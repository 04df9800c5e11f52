/**
 * "Layers narrow": where the caller of an `L7AccessRule` lies within the peer of a grant without
 * HTTP rules, the grant says nothing more on the rule's workload and ports than the rule does.
 *
 * It is the grant that gives way, at every layer, and not the requests alone: the rule itself opens
 * L3/L4 for its callers. What an environment relaxes is no grant of anybody and stays.
 */
import type { FlowData } from '../traffic/data';
import { workloadKey } from '../traffic/data';
import type { ModelState } from '../traffic/model';
import { containsPeer } from './containment';

/** Rules that take the place of the grant on their ports. */
export function narrowingRules(model: ModelState, grant: FlowData): readonly FlowData[] {
  if (grant.to.kind !== 'workload' || !isNarrowable(grant)) return [];
  const rules = rulesFor(model).get(workloadKey(grant.to.namespace, grant.to.name)) ?? [];
  return rules.filter((rule) => containsPeer(model, grant.from, rule.from));
}

/** Whether narrower rules may take the place of a flow. */
export function isNarrowable({ narrows, http, origin }: FlowData): boolean {
  return !narrows && http.length === 0 && (origin === 'declared' || origin === 'baseline');
}

interface Remembered {
  readonly revision: number;
  readonly rules: ReadonlyMap<string, readonly FlowData[]>;
}

const remembered = new WeakMap<ModelState, Remembered>();

/** All narrowing rules by the workload that they are about. */
function rulesFor(model: ModelState): ReadonlyMap<string, readonly FlowData[]> {
  const last = remembered.get(model);
  if (last?.revision === model.revision) return last.rules;
  const rules = new Map<string, FlowData[]>();
  for (const flow of model.flows.values()) {
    if (!flow.narrows || flow.to.kind !== 'workload') continue;
    const key = workloadKey(flow.to.namespace, flow.to.name);
    rules.set(key, [...(rules.get(key) ?? []), flow]);
  }
  remembered.set(model, { revision: model.revision, rules });
  return rules;
}
