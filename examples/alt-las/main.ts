/**
 * ALT_LAS: one description of a micro-service platform, written for four environments.
 */
import { join } from 'node:path';
import { altLas, ENVIRONMENTS } from './alt-las';

const outdir = process.env['CDK8S_OUTDIR'] ?? join('dist', 'alt-las');

for (const environment of ENVIRONMENTS) {
  altLas(environment, join(outdir, environment.name)).synth();
}
