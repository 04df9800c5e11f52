/** What every renderer reads: what was declared, and the cluster that is written for. */
import type { ProfileData } from '../cluster/profile-data';
import type { ModelState } from '../traffic/model';

export interface RenderContext {
  readonly model: ModelState;
  readonly profile: ProfileData;
}
