/**
 * Writing an app's YAML in time linear in what is written.
 *
 * A stock App resolves the whole tree again for every chart. Here the tree is walked once, each
 * object is rendered once, and files are written only when every object has been rendered. Bytes
 * equal a stock App's but for the order of documents: namespaces, what allows, what denies, and
 * then everything else in the order of its dependencies.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { App } from 'cdk8s';
import { ApiObject, Chart, Names, Yaml, YamlOutputType } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { inDependencyOrder } from './order';
import { isMeshObject } from './mesh-objects';
import { isPolicyObject } from './policy-object';

interface ChartObjects {
  readonly chart: Chart;
  readonly objects: readonly ApiObject[];
}

/** Writes every chart of the app below its output folder. */
export function writeApp(app: App, recordConstructMetadata: boolean): void {
  const charts = objectsByChart(app).map(({ chart, objects }) => ({
    chart,
    objects: inDependencyOrder(app, objects, rank),
  }));
  const files = filesOf(app, charts);
  if (recordConstructMetadata) {
    files.push(['construct-metadata.json', constructMetadata(charts)]);
  }
  for (const [name, content] of files) {
    const path = join(app.outdir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  mkdirSync(app.outdir, { recursive: true });
}

function objectsByChart(app: App): ChartObjects[] {
  const charts = new Map<Chart, ApiObject[]>();
  const visit = (node: IConstruct, chart: Chart | undefined): void => {
    const own = Chart.isChart(node) ? node : chart;
    if (own !== undefined && !charts.has(own)) charts.set(own, []);
    if (own !== undefined && ApiObject.isApiObject(node)) charts.get(own)?.push(node);
    for (const child of node.node.children) visit(child, own);
  };
  visit(app, undefined);
  return [...charts].map(([chart, objects]) => ({ chart, objects }));
}

/** Namespaces first; policies before the pods that they protect, allowing ones before denying ones. */
function rank(object: ApiObject): string {
  const { kind, name, metadata } = object;
  const place = `${metadata.namespace ?? ''}/${kind}/${name}`;
  if (kind === 'Namespace') return `0 ${place}`;
  if (!(isPolicyObject(object) || isMeshObject(object))) return '3';
  return object.allows ? `1 ${place}` : `2 ${place}`;
}

function filesOf(app: App, charts: readonly ChartObjects[]): [name: string, content: string][] {
  const extension = app.outputFileExtension;
  switch (app.yamlOutputType) {
    case YamlOutputType.FILE_PER_APP: {
      const all = charts.flatMap(({ objects }) => objects);
      return charts.length === 0 ? [] : [[`app${extension}`, textOf(all)]];
    }
    case YamlOutputType.FILE_PER_CHART:
      return charts.map(({ chart, objects }) => [
        `${Names.toDnsLabel(chart)}${extension}`,
        textOf(objects),
      ]);
    case YamlOutputType.FILE_PER_RESOURCE:
      return perResource(
        charts.flatMap(({ objects }) => objects.map((object) => ({ folder: '', object }))),
        extension,
      );
    case YamlOutputType.FOLDER_PER_CHART_FILE_PER_RESOURCE:
      return perResource(
        charts.flatMap(({ chart, objects }) =>
          objects.map((object) => ({ folder: Names.toDnsLabel(chart), object })),
        ),
        extension,
      );
  }
}

/** A stock App names files by kind and name alone, so that equal names overwrite each other. */
function perResource(
  places: readonly { readonly folder: string; readonly object: ApiObject }[],
  extension: string,
): [name: string, content: string][] {
  const short = ({ folder, object }: (typeof places)[number]): string =>
    join(folder, fileName(object.kind, object.name));
  const counts = new Map<string, number>();
  for (const place of places) counts.set(short(place), (counts.get(short(place)) ?? 0) + 1);
  return places.map((place) => {
    const { folder, object } = place;
    const unique = counts.get(short(place)) === 1;
    const namespace = object.metadata.namespace ?? 'cluster';
    const long = join(folder, fileName(object.apiGroup, object.kind, namespace, object.name));
    return [`${unique ? short(place) : long}${extension}`, textOf([object])];
  });
}

function fileName(...parts: readonly string[]): string {
  return parts.join('.').replace(/[^0-9a-zA-Z-_.]/g, '');
}

function textOf(objects: readonly ApiObject[]): string {
  return Yaml.stringify(...objects.map((object): unknown => object.toJson()));
}

/**
 * cdk8s-cli looks objects up by bare name; a name that several objects share would blame the wrong
 * one, so it stands there only where it is unique, and all stand by kind, namespace and name.
 */
function constructMetadata(charts: readonly ChartObjects[]): string {
  const objects = charts.flatMap((chart) => chart.objects);
  const byName = new Map<string, ApiObject[]>();
  for (const object of objects) {
    byName.set(object.name, [...(byName.get(object.name) ?? []), object]);
  }
  const resources = objects.flatMap((object) => {
    const { kind, name, metadata, node } = object;
    const entry = { path: node.path };
    const qualified = [[`${kind}/${metadata.namespace ?? ''}/${name}`, entry]];
    return byName.get(name)?.length === 1 ? [[name, entry], ...qualified] : qualified;
  });
  return JSON.stringify({
    version: '1.0.0',
    resources: Object.fromEntries(resources) as Record<string, { path: string }>,
  });
}
