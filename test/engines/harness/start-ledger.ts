// jest's globalSetup: where the tests write what they counted.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { LEDGER } from './ledger';
import { Run } from './run';

export default function startLedger(): void {
  // nobody ends this run: it ends with jest, after the closing lines
  const file = path.join(new Run().folder, 'ledger.jsonl');
  writeFileSync(file, '');
  process.env[LEDGER] = file;
}
