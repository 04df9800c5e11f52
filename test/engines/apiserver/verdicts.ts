/** Both verdicts over objects, side by side: counted, and written to dist/engines for whoever reads. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Tally } from '../harness/tally';
import type { ApiClient, Manifest } from './api-client';

export interface Question {
  readonly what: string;
  readonly object: Manifest;
}

/** What we say of an object: why the server must refuse it, or why it may. */
export interface OurVerdict {
  /** Refused by what the server itself checks. */
  readonly refused: readonly string[];
  /** Refused or doubted by what stands behind the server, such as a webhook: it may say either. */
  readonly refusedLater?: readonly string[];
}

const FOLDER = path.join(__dirname, '..', '..', '..', 'dist', 'engines');

/** At a time: the server answers some hundreds a second, and all at once would wait in memory. */
const BATCH = 200;

export async function compareVerdicts(
  client: ApiClient,
  part: string,
  questions: readonly Question[],
  judge: (object: Manifest) => OurVerdict,
): Promise<void> {
  const tally = new Tally('kube-apiserver', part);
  const rows: string[] = [];
  for (let start = 0; start < questions.length; start += BATCH) {
    const batch = questions.slice(start, start + BATCH);
    const answers = await Promise.all(batch.map(({ object }) => client.dryRunCreate(object)));
    for (const [index, { what, object }] of batch.entries()) {
      const { accepted = true, message = '' } = answers[index] ?? {};
      const { refused, refusedLater = [] } = judge(object);
      const theirs = accepted ? 'accepted' : 'refused';
      const mayRefuse = !accepted && refusedLater.length > 0;
      const ours = refused.length > 0 || mayRefuse ? 'refused' : 'accepted';
      const reasons = [...refused, ...refusedLater].join('; ');
      const row = [what, ours, reasons, theirs, message].map((text) => text.replace(/\s+/g, ' '));
      rows.push(row.join('\t'));
      tally.compare(what, { ours, theirs }, () => `  ours: ${reasons}\n  its: ${message}`);
    }
  }
  mkdirSync(FOLDER, { recursive: true });
  const head = ['object', 'ours', 'our reasons', 'API server', 'its reasons'].join('\t');
  writeFileSync(
    path.join(FOLDER, `${part.replace(/\W+/g, '-')}.tsv`),
    `${[head, ...rows].join('\n')}\n`,
  );
  tally.close();
}
