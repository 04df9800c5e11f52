// jest's globalTeardown: the closing lines.

import { rmSync } from 'node:fs';
import path from 'node:path';
import { closingLines, entriesOf, LEDGER } from './ledger';

export default function closeLedger(): void {
  const file = process.env[LEDGER];
  if (file === undefined) return;
  const entries = entriesOf(file);
  rmSync(path.dirname(file), { recursive: true });
  process.stdout.write(`\n${closingLines(entries).join('\n')}\n`);
}
