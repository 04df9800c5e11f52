/**
 * SARIF 2.1.0, as code scanning reads it: every result has a physical location (GitHub refuses a whole
 * file over one without), URIs are relative to the repository, fingerprints do not move with lines.
 * What stands in no file, and what could not be read, are notifications of the run.
 * Source: docs.oasis-open.org/sarif/sarif/v2.1.0; GitHub "SARIF support for code scanning"
 */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Place, ResultProblem, RuleMetadata, Severity } from '../engine/result';
import type { Objection } from './objections';
import { fingerprints, objectionsOf, rulesOf } from './objections';
import type { Judged, Report } from './report';
import { isJudged } from './report';

const HOME = 'https://github.com/cdk8s-ml-netpol/cdk8s-ml-netpol';
const SCHEMA =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

const LEVELS: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
};

export const sarif: Report = {
  mediaType: 'application/sarif+json',
  *render(result, { version }) {
    if (!isJudged(result)) return;
    const log = { $schema: SCHEMA, version: '2.1.0', runs: [runOf(result, version)] };
    yield `${JSON.stringify(log, null, 2)}\n`;
  },
};

function runOf(result: Judged, version: string): object {
  const rules = rulesOf(result);
  const all = objectionsOf(result);
  const prints = fingerprints(all);
  const indexOf = new Map(rules.map(({ code }, index) => [code, index]));
  const wrong = all.map((one, index) => ({ one, print: prints[index] ?? '' }));
  const objections = wrong.filter(({ one }) => one.severity !== 'passed');
  const notifications = [
    ...objections.filter(({ one }) => one.at === undefined).map(({ one }) => notificationOf(one)),
    ...result.problems.map(problemNotification),
  ];
  return {
    tool: {
      driver: {
        name: 'ml-netpol',
        informationUri: HOME,
        semanticVersion: version,
        ...(rules.length === 0 ? {} : { rules: rules.map(ruleOf) }),
      },
    },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: result.problems.length === 0,
        ...(notifications.length === 0 ? {} : { toolExecutionNotifications: notifications }),
      },
    ],
    results: objections.flatMap(({ one, print }) =>
      one.at === undefined ? [] : [resultOf(one, one.at, print, indexOf.get(one.code))],
    ),
  };
}

function ruleOf({ code, name, severity, summary, why }: RuleMetadata): object {
  const own = code.startsWith('MLN');
  return {
    id: code,
    name,
    shortDescription: { text: summary },
    fullDescription: { text: why },
    ...(own ? { helpUri: `${HOME}/blob/main/docs/rules/${name}.md` } : {}),
    defaultConfiguration: { level: LEVELS[severity] },
  };
}

function resultOf(
  objection: Objection,
  at: Place,
  fingerprint: string,
  ruleIndex: number | undefined,
): object {
  const { acknowledged } = objection;
  return {
    ruleId: objection.code,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: levelOf(objection),
    message: { text: messageOf(objection) },
    locations: [locationOf(at)],
    // the second is the only one by which GitHub tells findings apart
    partialFingerprints: { 'mlNetpol/v1': fingerprint, primaryLocationLineHash: fingerprint },
    ...(acknowledged === undefined
      ? {}
      : { suppressions: [{ kind: 'inSource', justification: acknowledged }] }),
  };
}

function levelOf({ severity }: Objection): string {
  return severity === 'passed' ? 'none' : LEVELS[severity];
}

function messageOf({ subject, message, got, expected, fix }: Objection): string {
  const lines = [`${subject}: ${message}`, `got: ${got}`, `expected: ${expected}`];
  return [...lines, ...(fix === undefined ? [] : [`fix: ${fix}`])].join('\n');
}

function locationOf({ file, line, column, constructPath }: Place): object {
  const region = line >= 1 ? { region: { startLine: line, startColumn: Math.max(column, 1) } } : {};
  return {
    physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...region },
    ...(constructPath === undefined
      ? {}
      : { logicalLocations: [{ fullyQualifiedName: constructPath, kind: 'construct' }] }),
  };
}

function uriOf(file: string): string {
  if (file === '-') return 'stdin';
  if (isAbsolute(file)) return pathToFileURL(file).href;
  const segments = file.replace(/^(\.\/)+/, '').split('/');
  return segments
    .map((segment) => encodeURIComponent(segment.replace(/\p{Cs}/gu, '\ufffd')))
    .join('/');
}

function notificationOf(objection: Objection): object {
  return {
    level: levelOf(objection),
    message: { text: messageOf(objection) },
    associatedRule: { id: objection.code },
  };
}

function problemNotification(problem: ResultProblem): object {
  const { code, got, expected, fix } = problem;
  return {
    level: 'error',
    message: { text: `${code}: got ${got}, expected ${expected}; fix: ${fix}` },
    locations: [locationOf(problem)],
    descriptor: { id: code },
  };
}
