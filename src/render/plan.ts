/**
 * All policies of a traffic model, computed at once and remembered until the model or the profile
 * changes: each object's spec is a look-up here, so that the whole costs what is written.
 */
import type { ProfileData } from '../cluster/profile-data';
import { DIRECTIONS } from '../traffic/data';
import type { ModelState } from '../traffic/model';
import type { RenderedPolicy } from './network-policy';
import { renderPolicy } from './network-policy';
import { assignFlows, subjectKey } from './subjects';

/** Rendered policies by subject key. */
export type Plan = ReadonlyMap<string, RenderedPolicy>;

interface Remembered {
  readonly revision: number;
  readonly profile: ProfileData;
  readonly plan: Plan;
}

const remembered = new WeakMap<ModelState, Remembered>();

export function planOf(model: ModelState, profile: ProfileData): Plan {
  const last = remembered.get(model);
  if (last?.revision === model.revision && last.profile === profile) return last.plan;
  const plan = renderAll(model, profile);
  remembered.set(model, { revision: model.revision, profile, plan });
  return plan;
}

function renderAll(model: ModelState, profile: ProfileData): Plan {
  const plan = new Map<string, RenderedPolicy>();
  for (const { name, ownership } of model.namespaces.values()) {
    if (ownership === 'foreign') continue;
    for (const direction of DIRECTIONS) {
      for (const { subject, flows } of assignFlows(model, { namespace: name, direction })) {
        plan.set(subjectKey(subject), renderPolicy({ model, profile }, subject, flows));
      }
    }
  }
  return plan;
}
