/**
 * The traffic model of a tree, as users see it: what was declared, as text and as a file.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IConstruct } from 'constructs';
import { ClusterProfile } from '../cluster/profile';
import { MODEL_FILE, modelLines, waiversOf } from '../render/traffic-model-file';
import { treeOf } from './tree';

/** Everything that was declared in a construct tree. */
export class TrafficModel {
  /** The model of the tree that `scope` stands in. */
  public static of(scope: IConstruct): TrafficModel {
    return new TrafficModel(scope.node.root);
  }

  private constructor(private readonly root: IConstruct) {}

  /** One JSON record a line, sorted: the content of the traffic model file. */
  public get lines(): string[] {
    return modelLines(treeOf(this.root).model, ClusterProfile.of(this.root)._data);
  }

  /** Every widening in force, in words. */
  public get waivers(): string[] {
    return waiversOf(treeOf(this.root).model, ClusterProfile.of(this.root)._data).map(
      ({ flow, what }) => `${flow}: ${what}`,
    );
  }

  /**
   * Writes `traffic-model.jsonl` into a folder, which is made if it is missing.
   *
   * @returns the path of the file
   */
  public save(folder: string): string {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, MODEL_FILE);
    writeFileSync(file, this.lines.map((line) => `${line}\n`).join(''));
    return file;
  }
}
