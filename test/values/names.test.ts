import {
  expectedDnsLabel,
  expectedDnsSubdomain,
  expectedLabelKey,
  expectedLabelValue,
  expectedPortName,
} from '../../src/values/names';

const x = (length: number): string => 'x'.repeat(length);

// per rule: its text, what it takes, and the nearest of what it refuses
const RULES = [
  {
    rule: expectedDnsLabel,
    text: 'an RFC 1123 label: at most 63 characters of a-z, 0-9 and "-", starting and ending alphanumeric',
    takes: ['ml-jobs', 'a', '0', '9-a', x(63)],
    refuses: ['', '-a', 'a-', 'ML', 'a.b', 'a_b', 'ä', 'a\n', ' a', x(64)],
  },
  {
    rule: expectedDnsSubdomain,
    text: 'an RFC 1123 subdomain: at most 253 characters of a-z, 0-9, "-" and ".", each part starting and ending alphanumeric',
    takes: ['allow-dns', 'a.b-c.0', x(253), `${x(200)}.a`],
    refuses: ['', 'a..b', '.a', 'a.', 'a.-b', 'a-.b', 'A', 'a_b', 'a\n', x(254)],
  },
  {
    rule: expectedLabelKey,
    text: 'a label key: an optional DNS subdomain and "/", then at most 63 characters of letters, digits, "-", "_" and ".", starting and ending alphanumeric',
    takes: ['app', 'app.kubernetes.io/name', 'A_b.C-d', x(63), `${x(253)}/a`, 'constructor'],
    refuses: [
      '',
      'app!',
      '/app',
      'app/',
      'a/b/c',
      '-a',
      'a.',
      'A.b/c',
      'a_b/c',
      'a b',
      '__proto__',
    ].concat(x(64), `${x(254)}/a`, `a/${x(64)}`),
  },
  {
    rule: expectedLabelValue,
    text: 'a label value: at most 63 characters of letters, digits, "-", "_" and ".", starting and ending alphanumeric',
    takes: ['', 'a', 'A_b.C-d', '1', x(63)],
    refuses: ['-a', 'a-', 'a b', 'a/b', 'a:b', 'ä', 'a\n', x(64)],
  },
  {
    rule: expectedPortName,
    text: 'a port name: 1 to 15 characters of a-z, 0-9 and single inner "-", with at least one letter',
    takes: ['http', 'grpc-web', '1a', 'a1', x(15)],
    refuses: ['', '80', '1-2', 'HTTP', 'a_b', 'a--b', '-a', 'a-', 'a\n', x(16)],
  },
];

describe.each(RULES)('$rule.name', ({ rule, text, takes, refuses }) => {
  test.each(takes)('takes %j', (name) => {
    expect(rule(name)).toBeUndefined();
  });

  test.each(refuses)('fails on %j', (name) => {
    expect(rule(name)).toBe(text);
  });

  test.each([undefined, null, 80, true, ['a'], {}])('fails on %p, which is no string', (name) => {
    expect(rule(name as never)).toBe(text);
  });
});
