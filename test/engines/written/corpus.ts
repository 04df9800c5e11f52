/** Everything that the library writes, for engines that judge text: examples and random platforms. */

import * as fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { World } from '../../../src/engine/world';
import { clusterOf } from '../../../src/read/cluster-of';
import { readPaths } from '../../../src/read/files';
import { probeYaml } from '../../../src/verify/objects';
import { probesOf } from '../../../src/verify/probes';
import { anyOrders, anyStory } from '../../property/arbitrary';
import { removeFolder, write } from '../../property/build';
import { anyMeshStory } from '../../support/mesh-arbitrary';
import { buildStory } from '../../support/mesh-build';
import { outcomeOf } from '../../support/mesh-judge';
import { EXAMPLES } from './examples';

/** One object, and its document as it was written: engines that read YAML shall read ours. */
export interface Written {
  /** Who wrote it: `practicus-prod`, `story 17`. */
  readonly source: string;
  readonly object: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** What is made of the folder that an example writes, which is removed afterwards. */
export function eachExample<T>(use: (source: string, folder: string) => T): T[] {
  return Object.entries(EXAMPLES).map(([source, synthesize]) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'engines-example-'));
    try {
      synthesize(folder);
      return use(source, folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

export function writtenByExamples(): Written[] {
  return eachExample((source, folder) => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const texts = files.filter((file) => file.endsWith('.yaml')).sort();
    return texts.flatMap((file) =>
      documentsOf(source, readFileSync(path.join(folder, file), 'utf8')),
    );
  }).flat();
}

/** Jobs, ConfigMaps and headless Services that try what the examples say. */
export function writtenByVerifications(): Written[] {
  return eachExample((source, folder) => {
    const world = new World(clusterOf(readPaths([folder])));
    const { probes } = probesOf(world, 20);
    return documentsOf(`${source}, verified`, probeYaml(world, probes, 'node:22-alpine'));
  }).flat();
}

/** Random platforms with all kinds of peers, ports, constructs and clusters (test/property). */
export function writtenByStories(count: number, seed: number): Written[] {
  const stories = fc.sample(fc.tuple(anyStory, anyOrders), { numRuns: count, seed });
  const all = stories.flatMap(([story, [order]], index) =>
    Object.entries(write(story, order).files)
      .filter(([file]) => file.endsWith('.yaml'))
      .flatMap(([, text]) => documentsOf(`story ${index}`, text)),
  );
  removeFolder();
  return all;
}

/** Random platforms in a sidecar or ambient mesh, as far as they are not refused. */
export function writtenByMeshStories(count: number, seed: number): Written[] {
  return fc.sample(anyMeshStory, { numRuns: count, seed }).flatMap((story, index) => {
    const { app } = buildStory(story);
    if (outcomeOf(app).codes.length > 0) return [];
    return documentsOf(`mesh story ${index}`, app.synthYaml());
  });
}

function documentsOf(source: string, text: string): Written[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object: unknown = document.toJS();
    if (typeof object !== 'object' || object === null) return [];
    const [start, , end] = document.range;
    return [{ source, object: object as Written['object'], text: text.slice(start, end) }];
  });
}
