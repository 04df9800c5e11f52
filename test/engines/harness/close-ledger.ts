// jest's globalTeardown: the closing lines.

import { closingLines, entriesOf, LEDGER } from './ledger';

export default function closeLedger(): void {
  const file = process.env[LEDGER];
  if (file !== undefined) process.stdout.write(`\n${closingLines(entriesOf(file)).join('\n')}\n`);
}
