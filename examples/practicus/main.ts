/**
 * Practicus: a layered ML platform, for the environment that ML_ENVIRONMENT names.
 */
import { join } from 'node:path';
import { Proof } from 'cdk8s-ml-netpol';
import { environmentNamed, practicus } from './practicus';

const environment = environmentNamed(process.env['ML_ENVIRONMENT'] ?? 'prod');

const platform = practicus(environment, process.env['CDK8S_OUTDIR'] ?? join('dist', 'practicus'));
platform.synth();
process.stderr.write(`${Proof.of(platform).toString()}\n`);
