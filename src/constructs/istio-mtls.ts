/**
 * Mutual TLS for everything that goes between pods of the mesh.
 */
import { Construct } from 'constructs';
import { refuse } from '../values/problem';
import { declareForMesh } from './declare';
import type { IMlNamespace } from './ml-namespace';
import { checkWritable } from './ownership';
import { treeOf } from './tree';
import type { Workload } from './workload';

/** Who accepts mutual TLS only. */
export interface IstioMtlsProps {
  /** Namespace whose pods accept mutual TLS only. */
  readonly namespace: IMlNamespace;

  /**
   * Asks it of one workload only.
   *
   * @default - all pods of the namespace
   */
  readonly workload?: Workload;
}

/**
 * STRICT mutual TLS for a namespace or a workload. Where declared callers stand outside the mesh,
 * exactly their ports stay open for plain text. Writes nothing under a profile without a mesh.
 *
 * @see https://istio.io/latest/docs/reference/config/security/peer_authentication/
 */
export class IstioMtls extends Construct {
  constructor(scope: Construct, id: string, props: IstioMtlsProps) {
    super(scope, id);
    const namespace = props.namespace.namespaceName;
    checkWritable(this.node.path, treeOf(this), namespace);
    checkHome(this.node.path, namespace, props.workload);
    const workload = props.workload?.workloadName;
    declareForMesh(this, { kind: 'mtls', namespace, workload, by: this.node.path });
  }
}

function checkHome(where: string, namespace: string, workload: Workload | undefined): void {
  if (workload === undefined || workload.namespaceName === namespace) return;
  refuse({
    code: 'mtls-elsewhere',
    where,
    got: workload.peerName,
    expected: `a workload of namespace ${namespace}`,
    fix: 'name the workload’s own namespace',
  });
}
