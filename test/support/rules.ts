/**
 * Every rule's test starts here: its bad example has the finding, its good one has not, and each case
 * of its own says where the finding stands and what it got.
 */
import { World } from '../../src/engine/world';
import { clusterOf } from '../../src/read/cluster-of';
import type { ClusterFacts } from '../../src/read/cluster';
import { readText } from '../../src/read/read-text';
import type { Severity } from '../../src/engine/result';
import type { Found, Rule } from '../../src/rules';

export interface RuleCase {
  readonly title: string;
  readonly yaml: string;
  readonly profile?: Partial<ClusterFacts>;
}

export interface BadCase extends RuleCase {
  /** `line:column` and parts of what is said, of every finding. */
  readonly found: readonly {
    readonly at?: string;
    readonly got?: string;
    readonly object?: string;
    readonly severity?: Severity;
  }[];
}

export function testRule(
  rule: Rule,
  { valid = [], invalid = [] }: { valid?: readonly RuleCase[]; invalid?: readonly BadCase[] },
): void {
  const { code, name, examples } = rule;
  describe(`${code} ${name}`, () => {
    test('finds its bad example', () => {
      expect(check(rule, examples.bad)).not.toEqual([]);
    });
    test('finds nothing in its good example', () => {
      expect(check(rule, examples.good)).toEqual([]);
    });
    for (const one of valid) {
      test(`has nothing to say: ${one.title}`, () => {
        expect(check(rule, one)).toEqual([]);
      });
    }
    for (const one of invalid) {
      test(`finds ${one.title}`, () => {
        expect(check(rule, one).map((found) => said(rule, found))).toEqual(
          one.found.map((each): unknown => expect.objectContaining(each)),
        );
      });
    }
  });
}

/** What a rule finds in some objects. */
export function check(
  rule: Rule,
  { yaml, profile }: { readonly yaml: string; readonly profile?: string | Partial<ClusterFacts> },
): readonly Found[] {
  const input = readText('example.yaml', yaml);
  expect(input.problems).toEqual([]);
  const cluster = clusterOf(input);
  const facts = typeof profile === 'string' ? (JSON.parse(profile) as object) : profile;
  return rule.check(new World({ ...cluster, profile: { ...cluster.profile, ...facts } }));
}

function said({ severity: usual }: Rule, { at, got, object, severity = usual }: Found): object {
  return { at: `${String(at.line)}:${String(at.column)}`, got, object, severity };
}
