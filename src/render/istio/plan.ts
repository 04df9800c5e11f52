/**
 * The mesh dialect: everything that was declared, as Istio objects for sidecars or ambient.
 *
 * Every contributor is a pure function of the model and the profile; this file is their table of
 * contents. Objects come out sorted and are decided when the tree is complete.
 */
import type { IsolationData } from '../../traffic/data';
import { workloadKey } from '../../traffic/data';
import type { Problem } from '../../values/problem';
import { isEverything } from '../../values/selector';
import type { RenderContext } from '../context';
import type { Assignment, Subject } from '../subjects';
import { assignFlows, podsName, subjectName } from '../subjects';
import { ambientObjects, ambientProblems } from './ambient';
import { describePermissions, permissionsOf, rulesOf } from './authorization';
import { customObjects, customProblems } from './custom-authorization';
import { egressObjects, egressProblems } from './egress';
import { mutualTlsObjects, plaintextPorts } from './mutual-tls';
import type { MeshObject } from './object';
import { SECURITY } from './object';
import { namespaceInMesh, workloadInMesh } from './participation';
import { authorizationProblems } from './problems';
import { rateLimitProblems } from './rate-limit-problems';
import { rateLimitObjects } from './rate-limits';
import { unseenProblems } from './request-targets';
import { routeObjects, routeProblems } from './routes';
import { selectorOf } from './selectors';
import { tokenObjects } from './tokens';

export interface MeshPlan {
  readonly objects: readonly MeshObject[];
  readonly problems: readonly Problem[];
}

/** All mesh objects of a tree; none under a profile without a mesh. */
export function meshPlan(context: RenderContext): MeshPlan {
  if (context.profile.mesh.mode === 'none') {
    return { objects: [], problems: unseenProblems(context) };
  }
  const ambient = context.profile.mesh.mode === 'ambient';
  const assignments = ingressAssignments(context);
  const { ports, problems } = plaintextPorts(context, assignments);
  const objects = [
    ...denials(context),
    ...(ambient
      ? ambientObjects(context, assignments)
      : assignments.map((assignment) => authorization(context, assignment))),
    ...mutualTlsObjects(context, ports),
    ...tokenObjects(context),
    ...routeObjects(context),
    ...rateLimitObjects(context),
    ...customObjects(context),
    ...egressObjects(context),
  ];
  return {
    objects: objects.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    problems: [
      ...problems,
      ...unseenProblems(context),
      ...routeProblems(context),
      ...rateLimitProblems(context),
      ...customProblems(context),
      ...egressProblems(context),
      ...assignments.flatMap((one) => authorizationProblems(context, one)),
      ...(ambient ? assignments.flatMap((one) => ambientProblems(context, one)) : []),
    ],
  };
}

/** Subjects that proxies protect, with their flows. */
function ingressAssignments(context: RenderContext): Assignment[] {
  const { model } = context;
  const writable = [...model.namespaces.values()].filter(
    ({ ownership }) => ownership !== 'foreign',
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

function subjectInMesh(context: RenderContext, { namespace, workload }: Subject): boolean {
  const known =
    workload === undefined
      ? undefined
      : context.model.workloads.get(workloadKey(namespace, workload));
  return known === undefined
    ? namespaceInMesh(context.model, namespace) === true
    : workloadInMesh(context, known) === true;
}

function authorization(context: RenderContext, { subject, flows }: Assignment): MeshObject {
  const permissions = permissionsOf(context, subject, flows);
  const rules = rulesOf(permissions);
  return {
    apiVersion: SECURITY,
    kind: 'AuthorizationPolicy',
    namespace: subject.namespace,
    name: subjectName(subject),
    spec: {
      ...selectorOf(subject.pods),
      action: 'ALLOW',
      // no rules at all allow nothing; an empty list would be read the same and looks otherwise
      ...(rules.length > 0 && { rules }),
    },
    flows: describePermissions(permissions),
    baseline: subject.group !== 'own',
    allows: true,
  };
}

/** "Allow nothing" beside every default deny for ingress: an ALLOW policy without rules. */
function denials(context: RenderContext): MeshObject[] {
  const { model } = context;
  const isolations = [...model.isolations.values()].filter(
    ({ directions, denied, namespace }) =>
      directions.includes('ingress') && denied && namespaceInMesh(model, namespace) === true,
  );
  return isolations.map(denial);
}

function denial({ namespace, pods }: IsolationData): MeshObject {
  const what = isEverything(pods) ? '' : `-${podsName(pods)}`;
  return {
    apiVersion: SECURITY,
    kind: 'AuthorizationPolicy',
    namespace,
    name: `default-deny${what}`,
    spec: selectorOf(pods),
    flows: [],
    baseline: true,
    allows: false,
  };
}

function keyOf({ namespace, kind, name }: MeshObject): string {
  return JSON.stringify([namespace, kind, name]);
}
