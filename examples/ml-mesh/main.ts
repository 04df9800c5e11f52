/**
 * ML services behind a gateway, training and sensitive data: one description, three kinds of mesh.
 */
import { join } from 'node:path';
import { variantNamed } from './cluster';
import { mlMesh } from './ml-mesh';

const variant = variantNamed(process.env['ML_MESH'] ?? 'sidecar');

mlMesh(variant, process.env['CDK8S_OUTDIR'] ?? join('dist', 'ml-mesh')).synth();
