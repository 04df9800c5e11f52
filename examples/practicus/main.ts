/**
 * Practicus: a layered ML platform, written for one environment: `PRACTICUS_ENVIRONMENT=dev`, or for
 * production.
 */
import { join } from 'node:path';
import { Environment } from 'cdk8s-ml-netpol';
import { practicus } from './practicus';

const environment =
  process.env['PRACTICUS_ENVIRONMENT'] === 'dev' ? Environment.DEV : Environment.PROD;

practicus(environment, process.env['CDK8S_OUTDIR'] ?? join('dist', 'practicus')).synth();
