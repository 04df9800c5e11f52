/**
 * Two repositories in one folder: the platform team's baseline, and what an application team adds.
 */
import { join } from 'node:path';
import { seldonPlatform } from './platform/platform';
import { financialMl } from './team/team';

const outdir = process.env['CDK8S_OUTDIR'] ?? join('dist', 'seldon');
const platform = join(outdir, 'platform');

seldonPlatform(platform).synth();
financialMl(join(outdir, 'team'), platform).synth();
