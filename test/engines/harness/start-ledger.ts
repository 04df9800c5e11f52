// jest's globalSetup: where the tests write what they counted.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LEDGER } from './ledger';

export default function startLedger(): void {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'engines-ledger-')), 'ledger.jsonl');
  writeFileSync(file, '');
  process.env[LEDGER] = file;
}
