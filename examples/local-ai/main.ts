/**
 * LocalAI behind an ingress controller, and nobody else.
 */
import { join } from 'node:path';
import { localAi, synth } from './local-ai';

synth(localAi(process.env['CDK8S_OUTDIR'] ?? join('dist', 'local-ai')));
