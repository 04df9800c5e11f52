/**
 * How an acknowledgement stands in an annotation: `MLN203: reason; MLN301 until 2027-01-01: reason`.
 * Closed: what is not of that form is no acknowledgement of anything.
 */
import { isIsoDate } from './iso-date';

/** On an object: findings about it; on a Namespace: findings about every object in it. */
export const ACKNOWLEDGE = 'cdk8s-ml-netpol/acknowledge';

export interface AcknowledgementData {
  /** `MLN203` */
  readonly code: string;
  readonly reason: string;
  /** The last day on which it holds, `2027-06-30`. */
  readonly expires?: string;
}

export const RULE_CODE = /^MLN\d{3}$/;

/** Parts of an annotation's text; undefined stands for one that cannot be read, with its text. */
export function parseAcknowledgements(
  text: string,
): readonly { readonly text: string; readonly data?: AcknowledgementData }[] {
  return text
    .split(/[;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const data = parse(part);
      return data === undefined ? { text: part } : { text: part, data };
    });
}

function parse(text: string): AcknowledgementData | undefined {
  const match = /^(?<code>MLN\d{3})(?:\s+until\s+(?<expires>\S+))?\s*:\s*(?<reason>.+)$/.exec(text);
  const { code, expires, reason } = match?.groups ?? {};
  if (code === undefined || reason === undefined) return undefined;
  if (expires === undefined) return { code, reason };
  return isIsoDate(expires) ? { code, reason, expires } : undefined;
}

/** The text of several; whoever writes it keeps `;` and line breaks out of reasons. */
export function acknowledgementText(all: readonly AcknowledgementData[]): string {
  return all
    .map(({ code, reason, expires }) => {
      const until = expires === undefined ? '' : ` until ${expires}`;
      return `${code}${until}: ${reason}`;
    })
    .join('; ');
}
