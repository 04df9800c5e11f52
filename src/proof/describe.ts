/** Ports and addresses in the words of a difference. */
import type { PortRange } from '../values/port-ranges';

export function describeRanges(ranges: readonly PortRange[]): string {
  return ranges
    .map(([low, high]) => {
      if (low === 1 && high === 65535) return 'every port';
      return low === high ? String(low) : `${String(low)}-${String(high)}`;
    })
    .join(', ');
}
