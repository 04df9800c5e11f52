/**
 * Practicus: a layered ML platform, for the environment that ML_ENVIRONMENT names.
 */
import { join } from 'node:path';
import { environmentNamed, practicus } from './practicus';

const environment = environmentNamed(process.env['ML_ENVIRONMENT'] ?? 'prod');

practicus(environment, process.env['CDK8S_OUTDIR'] ?? join('dist', 'practicus')).synth();
