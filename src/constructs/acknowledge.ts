/**
 * Findings that are accepted, with the reason, as an annotation on every object below a construct: so
 * that whoever reads the YAML, without this program, sees it too.
 *
 * Objects come into being until the tree is written, so they are marked when it is validated.
 */
import { ApiObject } from 'cdk8s';
import type { IConstruct } from 'constructs';
import type { AcknowledgementData } from '../values/acknowledgement';
import { ACKNOWLEDGE, acknowledgementText, RULE_CODE } from '../values/acknowledgement';
import { isIsoDate } from '../values/iso-date';
import { refuse } from '../values/problem';
import { syncMeshObjects } from './mesh-objects';

/** Which finding is accepted, and why. */
export interface AcknowledgeOptions {
  /** Code of the rule, such as `MLN203`. */
  readonly code: string;

  /** Why it is accepted. One line, without `;`. */
  readonly reason: string;

  /**
   * Last day on which it is accepted, such as `2027-06-30`. From the next one on the finding counts
   * again.
   *
   * @default - it does not expire
   */
  readonly expires?: string;
}

/** Findings of the linter that are accepted. */
export class Acknowledge {
  /**
   * Accepts a finding about the objects below a construct, those of its children among them. Where a
   * child accepts the same rule for another reason, its own reason counts.
   *
   * @param construct a namespace, a chart, a policy, or anything above them
   */
  public static finding(construct: IConstruct, options: AcknowledgeOptions): void {
    const data = checked(construct.node.path, options);
    const own = acknowledgedAt(construct);
    const first = own.find(({ code }) => code === data.code);
    if (first !== undefined && JSON.stringify(first) !== JSON.stringify(data)) {
      refuse({
        code: 'acknowledgement-twice',
        where: construct.node.path,
        got: data,
        expected: `one reason for ${data.code}: there is ${JSON.stringify(first)} already`,
        fix: 'acknowledge it once, or each on a child of its own',
      });
    }
    if (first !== undefined) return;
    own.push(data);
    if (own.length > 1) return;
    construct.node.addValidation({
      validate: () => {
        markObjects(construct);
        return [];
      },
    });
  }

  private constructor() {
    // static members only
  }
}

const ACKNOWLEDGED = Symbol.for('cdk8s-ml-netpol.Acknowledged');

/** What was said of a construct itself; shared by all copies of the package. */
function acknowledgedAt(construct: IConstruct): AcknowledgementData[] {
  const holder = construct as { [ACKNOWLEDGED]?: AcknowledgementData[] };
  const known = holder[ACKNOWLEDGED];
  if (known !== undefined) return known;
  const own: AcknowledgementData[] = [];
  Object.defineProperty(construct, ACKNOWLEDGED, { value: own });
  return own;
}

function markObjects(construct: IConstruct): void {
  syncMeshObjects(construct.node.root);
  for (const node of construct.node.findAll()) {
    if (!ApiObject.isApiObject(node)) continue;
    const byCode = new Map<string, AcknowledgementData>();
    // from the root inwards: the nearest reason counts
    for (const scope of node.node.scopes) {
      if (!(ACKNOWLEDGED in scope)) continue;
      for (const one of acknowledgedAt(scope)) byCode.set(one.code, one);
    }
    const all = [...byCode.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
    node.metadata.addAnnotation(ACKNOWLEDGE, acknowledgementText(all));
  }
}

function checked(path: string, { code, reason, expires }: AcknowledgeOptions): AcknowledgementData {
  if (!RULE_CODE.test(code)) {
    refuse({
      code: 'rule-code',
      where: `${path}: code`,
      got: code,
      expected: 'the code of a rule, MLN and three digits',
      fix: `code: 'MLN203'`,
    });
  }
  // several stand in one annotation, with ; between them
  if (reason.trim() === '' || /[;\p{Cc}]/u.test(reason)) {
    refuse({
      code: 'reason',
      where: `${path}: reason`,
      got: reason,
      expected: 'one line of text without semicolons',
      fix: `reason: 'traffic to the archive is filtered elsewhere'`,
    });
  }
  if (expires !== undefined && !isIsoDate(expires)) {
    refuse({
      code: 'date',
      where: `${path}: expires`,
      got: expires,
      expected: 'an ISO date',
      fix: `expires: '2027-06-30'`,
    });
  }
  return { code, reason: reason.trim(), ...(expires !== undefined && { expires }) };
}
