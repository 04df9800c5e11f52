import { junit } from '../../src/report/junit';
import { asserted, diff, finding, INCOMPLETE, lint, OPTIONS, RESULTS } from './results';

const xmlOf = (result: Parameters<typeof junit.render>[0]): string =>
  [...junit.render(result, OPTIONS)].join('');

describe('junit', () => {
  it('has a suite for each rule, a case for each object, and a case for a rule that found nothing', () => {
    const xml = xmlOf(lint([finding(), finding({ acknowledged: 'why "so"' })], INCOMPLETE));
    expect(xml).toContain('<testsuites name="ml-netpol lint" tests="4" failures="1" errors="1"');
    expect(xml).toContain('<testsuite name="MLN203 dns-egress-missing" tests="2" failures="1"');
    expect(xml).toContain(
      '<testcase classname="MLN405 http-field-on-tcp-port" name="every object"',
    );
    expect(xml).toContain('<skipped message="why &quot;so&quot;"/>');
    expect(xml).toContain('<error message="got a tab, expected spaces" type="yaml-syntax">');
  });

  it('has a case for each assertion, in the suite of its file', () => {
    const xml = xmlOf(asserted());
    expect(xml).toContain(
      '<testsuite name="flows.yaml" tests="3" failures="2" errors="0" skipped="0" time="0">',
    );
    expect(xml).toContain('name="allow ml-training/bert -&gt; mlflow/mlflow TCP/5000" time="0"/>');
  });

  it('has a case for each difference', () => {
    expect(xmlOf(diff())).toContain('<testsuite name="reach" tests="2" failures="2"');
  });

  it.each(['hostile findings', 'hostile differences', 'hostile assertions'])(
    'is well-formed for %s',
    (title) => {
      const result = RESULTS[title];
      const xml = result === undefined ? '' : xmlOf(result);
      const open: string[] = [];
      const tags = /<(\/?)([a-z]+)((?: [a-z]+="[^"<>]*")*)(\/?)>/g;
      for (const [, end, name = '', , single] of xml.matchAll(tags)) {
        if (end === '/') expect(open.pop()).toBe(name);
        else if (single === '') open.push(name);
      }
      expect(open).toEqual([]);
      const rest = xml.replace(/^<\?xml[^>]*>\n/, '').replace(tags, '');
      expect(rest).not.toMatch(/[<>]|&(?!(amp|lt|gt|quot|#\d+);)/);
    },
  );
});
