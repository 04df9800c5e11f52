/**
 * The mesh dialect: everything that was declared, as Istio objects for sidecars or ambient.
 *
 * Every contributor is a pure function of the model and the profile; this file is their table of
 * contents. Objects come out sorted and are decided when the tree is complete.
 */
import type { IsolationData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import { workloadsIn } from '../../traffic/model';
import type { Problem } from '../../values/problem';
import { selectorMatches } from '../../values/selector';
import type { RenderContext } from '../context';
import type { Assignment, Subject } from '../subjects';
import { assignFlows } from '../subjects';
import { ambientObjects } from './ambient';
import { voidedLimitProblems } from './unlisted-ports';
import { ambientProblems, throughWaypoint, unlistedPortProblems } from './ambient-problems';
import { allowPolicy } from './authorization';
import { rootProblems } from './root-namespace';
import { collisionProblems } from './collisions';
import { customObjects, customProblems } from './custom-authorization';
import { egressObjects, egressProblems } from './egress';
import { hiddenPortObjects, openWaypointProblems } from './hidden-ports';
import { mutualTls } from './mutual-tls';
import type { MeshObject } from './object';
import { SECURITY } from './object';
import { namespaceInMesh, workloadInMesh } from './participation';
import { subjectProblems, targetProblems } from './problems';
import { rateLimitProblems } from './rate-limit-problems';
import { rateLimitObjects } from './rate-limits';
import { unseenProblems } from './request-targets';
import { routeObjects, routeProblems } from './routes';
import { selectorOf } from './selectors';
import { sharingProblems } from './sharing';
import { targetsOf } from './targets';
import { tokenObjects, tokenProblems } from './token-objects';

export interface MeshPlan {
  readonly objects: readonly MeshObject[];
  readonly problems: readonly Problem[];
}

interface Remembered {
  readonly revision: number;
  readonly profile: RenderContext['profile'];
  readonly plan: MeshPlan;
}

const remembered = new WeakMap<RenderContext['model'], Remembered>();

/** All mesh objects of a tree; none under a profile without a mesh. Remembered until it changes. */
export function meshPlan(context: RenderContext): MeshPlan {
  const { model, profile } = context;
  const last = remembered.get(model);
  if (last?.revision === model.revision && last.profile === profile) return last.plan;
  const plan = computePlan(context);
  remembered.set(model, { revision: model.revision, profile, plan });
  return plan;
}

function computePlan(context: RenderContext): MeshPlan {
  if (context.profile.mesh.mode === 'none') {
    return { objects: [], problems: unseenProblems(context) };
  }
  const ambient = context.profile.mesh.mode === 'ambient';
  const assignments = ingressAssignments(context);
  const targets = targetsOf(context, assignments);
  const mtls = mutualTls(context);
  const objects = [
    ...denials(context),
    ...(ambient
      ? [...ambientObjects(context, assignments), ...hiddenPortObjects(context)]
      : assignments.map((assignment) => allowPolicy(assignment, context))),
    ...mtls.objects,
    ...tokenObjects(context),
    ...routeObjects(context),
    ...rateLimitObjects(context),
    ...customObjects(context),
    ...egressObjects(context),
  ];
  const problems = [
    ...mtls.problems,
    ...rootProblems(context),
    ...openWaypointProblems(context),
    ...tokenProblems(context),
    ...unseenProblems(context),
    ...routeProblems(context),
    ...rateLimitProblems(context),
    ...customProblems(context),
    ...egressProblems(context),
    ...assignments.flatMap(subjectProblems),
    ...targets.flatMap((one) => targetProblems(context, one)),
    ...targets.flatMap((one) =>
      sharingProblems(context, one, throughWaypoint(context, one, assignments)),
    ),
    ...(ambient ? targets.flatMap((one) => ambientProblems(context, one)) : []),
    ...(ambient ? [] : targets.flatMap((one) => voidedLimitProblems(context, one))),
    ...(ambient ? unlistedPortProblems(context, assignments) : []),
  ];
  return {
    objects: objects.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    // whoever declares two things about one Service is told so in its own words
    problems: problems.length > 0 ? problems : collisionProblems(objects),
  };
}

/** Subjects that proxies protect, with their flows. */
function ingressAssignments(context: RenderContext): Assignment[] {
  const { model } = context;
  const writable = [...model.namespaces.values()].filter(
    ({ ownership, name }) => ownership !== 'foreign' && name !== context.profile.mesh.rootNamespace,
  );
  return writable.flatMap(({ name }) =>
    assignFlows(model, { namespace: name, direction: 'ingress' })
      .filter(({ subject }) => subject.group !== 'mesh' && subjectInMesh(context, subject))
      .map(({ subject, flows }) => ({
        subject,
        // the proxies' own ports are never captured, and probes are rewritten to one of them
        flows: flows.filter(({ origin }) => origin !== 'mesh' && origin !== 'implied'),
      })),
  );
}

/** Whether some of the pods have a proxy; the others of them ignore what is written. */
function subjectInMesh(context: RenderContext, { namespace, workload, pods }: Subject): boolean {
  const { model } = context;
  if (workload !== undefined) {
    const known = model.workloads.get(workloadKey(namespace, workload));
    return known !== undefined && workloadInMesh(context, known) === true;
  }
  return (
    namespaceInMesh(model, namespace) === true ||
    workloadsIn(model, namespace).some(
      (one) => workloadInMesh(context, one) === true && selectorMatches(pods, one.podLabels),
    )
  );
}

/** "Allow nothing" beside every default deny for ingress: an ALLOW policy without rules. */
function denials(context: RenderContext): MeshObject[] {
  const { model } = context;
  const isolations = [...model.isolations.values()].filter(
    ({ directions, denied, namespace }) =>
      directions.includes('ingress') &&
      denied &&
      namespaceInMesh(model, namespace) === true &&
      // there it would hold for the whole mesh
      namespace !== context.profile.mesh.rootNamespace,
  );
  return isolations.map(denial);
}

/** The same name at both layers. */
function denial({ namespace, pods, name = 'default-deny' }: IsolationData): MeshObject {
  return {
    apiVersion: SECURITY,
    kind: 'AuthorizationPolicy',
    namespace,
    name,
    spec: selectorOf(pods),
    flows: [],
    baseline: true,
    allows: false,
  };
}

function keyOf({ namespace, kind, name }: MeshObject): string {
  return JSON.stringify([namespace, kind, name]);
}
