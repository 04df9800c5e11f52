/**
 * Inference, training and sensitive data in a mesh: one description, written for sidecars, or with
 * `ML_MESH=ambient` or `ML_MESH=none`.
 */
import { join } from 'node:path';
import { clusterWith } from './cluster';
import { mlMesh } from './ml-mesh';

const outdir = process.env['CDK8S_OUTDIR'] ?? join('dist', 'ml-mesh');

mlMesh(clusterWith(process.env['ML_MESH'] ?? 'sidecar'), outdir).synth();
