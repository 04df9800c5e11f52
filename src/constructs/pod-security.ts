import { fixFields } from '../values/immutable';

/**
 * Pod Security labels of a namespace.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/
 */
export class PodSecurity {
  /** No level is enforced; what breaks baseline is warned about and audited. */
  public static readonly UNENFORCED = new PodSecurity(undefined, 'baseline');

  /** Everything is allowed. */
  public static readonly PRIVILEGED = new PodSecurity('privileged', 'privileged');

  /** Known privilege escalations are refused. Sidecars without Istio's CNI plug-in need more. */
  public static readonly BASELINE = new PodSecurity('baseline', 'baseline');

  /** Current hardening practice is enforced. */
  public static readonly RESTRICTED = new PodSecurity('restricted', 'restricted');

  private constructor(
    /** Level that is enforced. */
    public readonly enforced: string | undefined,
    private readonly warned: string,
  ) {
    fixFields(this);
  }

  /** @internal */
  public get _labels(): Record<string, string> {
    const prefix = 'pod-security.kubernetes.io';
    return {
      ...(this.enforced !== undefined && { [`${prefix}/enforce`]: this.enforced }),
      [`${prefix}/audit`]: this.warned,
      [`${prefix}/warn`]: this.warned,
    };
  }

  /** The enforced level. */
  public toString(): string {
    return this.enforced ?? 'unenforced';
  }
}
