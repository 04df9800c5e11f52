import { sarif } from '../../src/report/sarif';
import { asserted, diff, finding, HOSTILE, INCOMPLETE, lint, OPTIONS, RESULTS } from './results';

interface Location {
  readonly physicalLocation?: {
    readonly artifactLocation: { readonly uri: string };
    readonly region?: { readonly startLine: number; readonly startColumn: number };
  };
  readonly logicalLocations?: readonly { readonly fullyQualifiedName: string }[];
}

interface Run {
  readonly tool: { readonly driver: { readonly rules?: readonly { readonly id: string }[] } };
  readonly invocations: readonly {
    readonly executionSuccessful: boolean;
    readonly toolExecutionNotifications?: readonly {
      readonly message: { readonly text: string };
    }[];
  }[];
  readonly results: readonly {
    readonly ruleId: string;
    readonly ruleIndex: number;
    readonly level: string;
    readonly locations: readonly Location[];
    readonly partialFingerprints: Readonly<Record<string, string>>;
    readonly suppressions?: readonly object[];
  }[];
}

const runOf = (result: Parameters<typeof sarif.render>[0]): Run => {
  const log = JSON.parse([...sarif.render(result, OPTIONS)].join('')) as {
    readonly version: string;
    readonly runs: readonly [Run];
  };
  expect(log.version).toBe('2.1.0');
  return log.runs[0];
};

const judged = Object.entries(RESULTS).filter(([, { query }]) =>
  ['lint', 'diff', 'test'].includes(query),
);

describe('sarif', () => {
  it.each(judged)('gives each result of %s a physical location and its rule', (_, result) => {
    const { results, tool } = runOf(result);
    for (const { locations, ruleId, ruleIndex } of results) {
      expect(locations[0]?.physicalLocation?.artifactLocation.uri).toMatch(/^[\w%./~!*'()-]+$/);
      expect(tool.driver.rules?.[ruleIndex]?.id).toBe(ruleId);
    }
  });

  it('says code, level, line and construct path of a finding', () => {
    const [result] = runOf(lint([finding({ severity: 'info' })])).results;
    expect(result).toMatchObject({
      ruleId: 'MLN203',
      level: 'note',
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'dist/llm-serving.k8s.yaml' },
            region: { startLine: 12, startColumn: 3 },
          },
          logicalLocations: [{ fullyQualifiedName: 'llm-serving/default-deny' }],
        },
      ],
    });
  });

  it('keeps a fingerprint when lines move, and tells equal findings apart', () => {
    const moved = finding({ at: { file: 'dist/other.yaml', line: 99, column: 1 } });
    const prints = (findings: Parameters<typeof lint>[0]): string[] =>
      runOf(lint(findings)).results.map(
        ({ partialFingerprints }) => partialFingerprints['mlNetpol/v1'] ?? '',
      );
    expect(prints([finding()])).toEqual(prints([moved]));
    expect(new Set(prints([finding(), finding(), finding({ got: 'else' })])).size).toBe(3);
  });

  it('suppresses what is acknowledged', () => {
    const [result] = runOf(lint([finding({ acknowledged: 'why' })])).results;
    expect(result?.suppressions).toEqual([{ kind: 'inSource', justification: 'why' }]);
  });

  it('tells what stands in no file, and what could not be read, as notifications', () => {
    const [invocation] = runOf({ ...diff(), problems: INCOMPLETE.problems }).invocations;
    const texts = (invocation?.toolExecutionNotifications ?? []).map(({ message }) => message.text);
    expect(texts).toEqual([
      expect.stringContaining('narrowed monitoring/StatefulSet/prometheus'),
      expect.stringContaining('yaml-syntax'),
    ]);
    expect(invocation?.executionSuccessful).toBe(false);
  });

  it('leaves out assertions that hold, and empty objects', () => {
    const run = runOf(asserted());
    expect(run.results.map(({ ruleId }) => ruleId)).toEqual([
      'assertion-failed',
      'assertion-unknown',
    ]);
    expect(JSON.stringify(run)).not.toContain('{}');
  });

  it('writes any path as a URI', () => {
    const uris = ['-', './a b/ü.yaml', '/abs/x.yaml', HOSTILE].map((file) => {
      const [result] = runOf(lint([finding({ at: { file, line: 1, column: 1 } })])).results;
      return result?.locations[0]?.physicalLocation?.artifactLocation.uri;
    });
    expect(uris.slice(0, 3)).toEqual(['stdin', 'a%20b/%C3%BC.yaml', 'file:///abs/x.yaml']);
    expect(decodeURIComponent(uris[3] ?? '')).toBe(HOSTILE.replace('\ud800', '\ufffd'));
  });
});
