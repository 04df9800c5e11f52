import { describeIdentity, Identity } from '../../src/values/identity';
import { refused } from './refusal';

describe('Identity', () => {
  test('is a service account, a namespace, a principal or the subject of a token', () => {
    const principal = 'cluster.local/ns/ml-jobs/sa/job-runner';
    const identities = [
      Identity.serviceAccount('ml-jobs', 'job.runner'),
      Identity.namespace('ml-jobs'),
      Identity.principal(principal),
      Identity.jwtSubject('https://idp.example.com', 'alice'),
    ];
    expect(identities.map((identity) => identity._peer())).toEqual([
      {
        kind: 'identity',
        identity: { kind: 'service-account', namespace: 'ml-jobs', name: 'job.runner' },
      },
      { kind: 'identity', identity: { kind: 'namespace', namespace: 'ml-jobs' } },
      {
        kind: 'identity',
        identity: {
          kind: 'principal',
          trustDomain: 'cluster.local',
          namespace: 'ml-jobs',
          name: 'job-runner',
        },
      },
      {
        kind: 'identity',
        identity: { kind: 'jwt', issuer: 'https://idp.example.com', subject: 'alice' },
      },
    ]);
    expect(identities.map((identity) => identity.peerName)).toEqual([
      'service account ml-jobs/job.runner',
      'any identity of ml-jobs',
      `principal ${principal}`,
      'token subject alice of https://idp.example.com',
    ]);
    expect(identities.map(String)).toEqual(identities.map((identity) => identity.peerName));
    expect(describeIdentity({ kind: 'namespace', namespace: 'mlflow' })).toBe(
      'any identity of mlflow',
    );
  });

  test('does not change', () => {
    const identity = Identity.namespace('ml-jobs');
    expect(() => Object.assign(identity, { identity: {} })).toThrow(TypeError);
  });

  test('fails on names that no namespace or service account can have', () => {
    const code = 'identity-name';
    const inNamespace = { code, where: 'Identity.namespace: namespace' };
    const text = refused(() => Identity.namespace('ML'), { ...inNamespace, got: 'ML' });
    expect(text).toBe(
      'Identity.namespace: namespace: got "ML", expected an RFC 1123 label: at most 63 ' +
        'characters of a-z, 0-9 and "-", starting and ending alphanumeric; ' +
        `fix: 'ml-jobs'`,
    );
    refused(() => Identity.namespace('a.b'), { ...inNamespace, got: 'a.b' });
    refused(() => Identity.namespace(undefined as never), { ...inNamespace, got: undefined });
    const where = 'Identity.serviceAccount: namespace';
    refused(() => Identity.serviceAccount('', 'a'), { code, where, got: '' });
    const name = 'Identity.serviceAccount: name';
    refused(() => Identity.serviceAccount('a', '*'), { code, where: name, got: '*' });
  });

  test.each([
    'spiffe://cluster.local/ns/ml-jobs/sa/job-runner',
    'cluster.local/ns/ml-jobs/sa/*',
    '*/ns/ml-jobs/sa/job-runner',
    '*',
    'cluster.local/ns/ml-jobs',
    'cluster.local/ns/ML/sa/job-runner',
    'cluster.local/ns/ml-jobs/sa/Job',
    '/ns/ml-jobs/sa/job-runner',
    'cluster.local/ns/ml-jobs/sa/job-runner/',
    '',
  ])('fails on the principal %j', (principal) => {
    const [code, where] = ['principal', 'Identity.principal'];
    const text = refused(() => Identity.principal(principal), { code, where, got: principal });
    expect(text).toBe(
      `Identity.principal: got ${JSON.stringify(principal)}, expected <trust domain>/ns/` +
        '<namespace>/sa/<service account>, without "spiffe://" and "*"; ' +
        `fix: Identity.principal('cluster.local/ns/ml-jobs/sa/job-runner')`,
    );
  });

  test('fails on a token subject that Istio would read as a pattern, or as nothing', () => {
    const code = 'jwt-value';
    const where = 'Identity.jwtSubject: issuer';
    const text = refused(() => Identity.jwtSubject('', 'a'), { code, where, got: '' });
    expect(text).toBe(
      'Identity.jwtSubject: issuer: got "", expected exact text without "*", not empty; ' +
        `fix: Identity.jwtSubject('https://idp.example.com', 'alice')`,
    );
    const subject = { code, where: 'Identity.jwtSubject: subject' };
    refused(() => Identity.jwtSubject('a', 'al*'), { ...subject, got: 'al*' });
    refused(() => Identity.jwtSubject('a', undefined as never), { ...subject, got: undefined });
  });
});
