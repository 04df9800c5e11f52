import { json } from '../../src/report/json';
import type { ReachStream } from '../../src/engine/result';
import { OPTIONS, reach, RESULTS, workload } from './results';
import { schemaProblems } from './schema';

const textOf = (result: Parameters<typeof json.render>[0]): string =>
  [...json.render(result, OPTIONS)].join('');

describe('json', () => {
  it.each(Object.entries(RESULTS))('says all of %s, as the schema says', (_, result) => {
    const written: unknown = JSON.parse(textOf(result));
    expect(written).toEqual(result);
    expect(schemaProblems(written)).toEqual([]);
  });

  it('begins with version, query and counts, and ends with what is missing', () => {
    expect(Object.keys(JSON.parse(textOf(reach())))).toEqual([
      'version',
      'query',
      'counts',
      'workloads',
      'connections',
      'notAnalyzed',
      'problems',
    ]);
  });

  it('writes one connection a line', () => {
    const lines = textOf(reach())
      .split('\n')
      .filter((line) => line.includes('"from"'));
    expect(lines).toHaveLength(reach().connections.length);
  });

  it('writes connections while they are listed', () => {
    let listed = 0;
    const endless: ReachStream = {
      ...reach(),
      workloads: [workload('a/Job/a')],
      connections: {
        *[Symbol.iterator]() {
          for (; listed < 1e6; listed += 1) {
            yield { from: `${listed}`, to: 'b', protocol: 'TCP' as const, allow: [], unknown: [] };
          }
        },
      },
    };
    const [first] = json.render(endless, OPTIONS);
    expect(first).toContain('"connections": [');
    expect(listed).toBeLessThan(10_000);
  });
});
