import { problems } from './manifests';

const check = (rule: unknown) => problems('RequestAuthentication', { jwtRules: [rule] });
const issuer = 'https://idp.example.com';
const publicKey = { kty: 'RSA', n: 'xAE7eB6q', e: 'AQAB' };

test('accepts an issuer with keys by URL or inline', () => {
  expect(check({ issuer, jwksUri: `${issuer}:8443/keys`, audiences: ['scoring-api'] })).toEqual([]);
  expect(check({ issuer, jwks: JSON.stringify({ keys: [publicKey] }) })).toEqual([]);
});

test('fails without issuer and jwksUri, and for both sources of keys (6.5)', () => {
  expect(check({})).toEqual(['error webhook spec.jwtRules[0]']);
  expect(check({ issuer, jwksUri: `${issuer}/keys`, jwks: '{"keys":[]}' })).toEqual([
    'error crd spec.jwtRules[0]',
  ]);
});

test.each(['idp.example.com/keys', 'ftp://idp.example.com', 'https://idp.example.com:https/keys'])(
  'fails for jwksUri %s',
  (jwksUri) => {
    expect(check({ issuer, jwksUri })).toEqual(['error webhook spec.jwtRules[0].jwksUri']);
  },
);

test.each(['keys', '[]', '{}', '{"kty":"RSA"}', '{"keys":[{}]}'])('fails for jwks %s', (jwks) => {
  expect(check({ issuer, jwks })).toEqual(['error webhook spec.jwtRules[0].jwks']);
});

test('warns of private keys', () => {
  const warning = ['warning webhook spec.jwtRules[0].jwks'];
  expect(check({ issuer, jwks: JSON.stringify({ ...publicKey, d: 'AQAB' }) })).toEqual(warning);
  expect(check({ issuer, jwks: JSON.stringify({ kty: 'oct', k: 'AQAB' }) })).toEqual(warning);
});

test('fails for empty places and headers that are none (6.5)', () => {
  const outputClaimToHeaders = [{ header: 'x-sub%', claim: 'sub' }];
  expect(check({ issuer, fromParams: [''], outputClaimToHeaders })).toEqual([
    'error webhook spec.jwtRules[0].fromParams[0]',
    'error webhook spec.jwtRules[0].outputClaimToHeaders[0].header',
  ]);
});

test('fails for a timeout that is no duration', () => {
  expect(check({ issuer, timeout: '5' })).toEqual(['error webhook spec.jwtRules[0].timeout']);
});
