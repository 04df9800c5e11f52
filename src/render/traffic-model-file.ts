/**
 * The traffic model file: one sorted JSON record a line, so that a pull request shows intent
 * beside effect and the reading side knows workloads whose manifests live elsewhere.
 *
 * The format is a contract, docs/traffic-model.schema.json; it is never called `.json`, which
 * kubectl and Argo CD would take for a manifest.
 */
import type { ProfileData } from '../cluster/profile-data';
import type { FlowData } from '../traffic/data';
import { describeFlow, DIRECTIONS, MODEL_SCHEMA } from '../traffic/data';
import type { ModelState } from '../traffic/model';
import type { RenderContext } from './context';
import { grantsOf } from './grants';
import { waiversOfDeclarations } from './istio/request-targets';
import { limitWaivers } from './limits';

export const MODEL_FILE = 'traffic-model.jsonl';

/** A widening that the profile forced, or that stands in for a limit it cannot hold. */
export interface Waiver {
  readonly flow: string;
  readonly what: string;
}

/** The lines of the file, sorted; each ends without a line break. */
export function modelLines(model: ModelState, profile: ProfileData): string[] {
  const records = [
    { record: 'model', schema: MODEL_SCHEMA },
    { record: 'profile', ...profile },
    ...[...model.namespaces.values()].map((one) => ({ record: 'namespace', ...one })),
    ...[...model.workloads.values()].map((one) => ({ record: 'workload', ...one })),
    ...[...model.isolations.values()].map((one) => ({ record: 'isolation', ...one })),
    ...[...model.flows.values()].map((one) => ({ record: 'flow', ...one })),
    ...[...model.meshDeclarations.values()].map((one) => ({ record: 'mesh', ...one })),
    ...waiversOf(model, profile).map((one) => ({ record: 'waiver', ...one })),
  ];
  return records.map((record) => JSON.stringify(record)).sort(byRecord);
}

/** Every waiver in force under the profile, sorted. */
export function waiversOf(model: ModelState, profile: ProfileData): Waiver[] {
  const waivers = [...model.flows.values()].flatMap((flow) =>
    waiversOfFlow({ model, profile }, flow).map((what) => ({ flow: describeFlow(flow), what })),
  );
  if (profile.cni.enforces === false) {
    waivers.push({ flow: 'all flows', what: `CNI ${profile.cni.name} enforces no NetworkPolicy` });
  }
  waivers.push(...waiversOfDeclarations({ model, profile }));
  const distinct = new Map(waivers.map((waiver) => [JSON.stringify(waiver), waiver]));
  return [...distinct.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, waiver]) => waiver);
}

function waiversOfFlow(context: RenderContext, flow: FlowData): string[] {
  const forced = DIRECTIONS.flatMap((direction) => grantsOf(context, flow, { direction }).waivers);
  return [...forced, ...limitWaivers(context, flow)];
}

const ORDER = ['model', 'profile', 'namespace', 'workload', 'isolation', 'flow', 'mesh', 'waiver'];

/** By kind of record, then by code unit. */
function byRecord(a: string, b: string): number {
  const rank = (line: string): number =>
    ORDER.findIndex((record) => line.startsWith(`{"record":"${record}"`));
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
