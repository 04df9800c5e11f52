/** What the whole mesh needs of the machine. */

import { needsEnvoy } from '../envoy/package';
import { FELIX_NEEDS } from '../felix/calico-felix';
import type { Need } from '../harness/needs';
import { needsProgram, needsShared } from '../harness/needs';

export const MESH_NEEDS: readonly Need[] = [
  ...[...FELIX_NEEDS, needsEnvoy, needsShared, needsProgram('curl')],
  needsProgram('setpriv', 'util-linux'),
];
