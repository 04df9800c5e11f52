import { fixFields } from '../values/immutable';

/** Whether pods take part in the mesh. */
export class MeshMembership {
  /** They take part: they have an identity, and their traffic passes a proxy. */
  public static readonly IN = new MeshMembership(true);

  /** They stay outside: callers and callees reach them in plain text. */
  public static readonly OUT = new MeshMembership(false);

  private constructor(
    /** Whether they take part. */
    public readonly participates: boolean,
  ) {
    fixFields(this);
  }

  /** `in the mesh` or `out of the mesh`. */
  public toString(): string {
    return this.participates ? 'in the mesh' : 'out of the mesh';
  }
}
