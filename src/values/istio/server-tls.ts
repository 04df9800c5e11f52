/**
 * TLS of servers: Gateway servers and Sidecar ingress listeners.
 *
 * Source: istio/istio:pkg/config/validation/validation.go, validateTLSOptions
 */
import type { Field } from './field';
import { BOOLEAN, TEXT, TEXTS, atMostOne, choice, list, object } from './shape';

const VERSION = choice('TLS_AUTO', 'TLSV1_0', 'TLSV1_1', 'TLSV1_2', 'TLSV1_3');

export const SERVER_TLS = object(
  {
    caCertCredentialName: TEXT,
    caCertificates: TEXT,
    caCrl: TEXT,
    cipherSuites: TEXTS,
    credentialName: TEXT,
    credentialNames: list(TEXT, { min: 1, max: 2 }),
    httpsRedirect: BOOLEAN,
    maxProtocolVersion: VERSION,
    minProtocolVersion: VERSION,
    mode: choice(
      'PASSTHROUGH',
      'SIMPLE',
      'MUTUAL',
      'AUTO_PASSTHROUGH',
      'ISTIO_MUTUAL',
      'OPTIONAL_MUTUAL',
    ),
    privateKey: TEXT,
    serverCertificate: TEXT,
    subjectAltNames: TEXTS,
    tlsCertificates: list(
      object({ caCertificates: TEXT, privateKey: TEXT, serverCertificate: TEXT }),
      { min: 1, max: 2 },
    ),
    verifyCertificateHash: TEXTS,
    verifyCertificateSpki: TEXTS,
  },
  {
    rules: [
      atMostOne(
        'only one of credentialNames or tlsCertificates can be set',
        'tlsCertificates',
        'credentialNames',
      ),
      atMostOne(
        'only one of credentialName or credentialNames can be set',
        'credentialName',
        'credentialNames',
      ),
      atMostOne(
        'only one of credentialName or tlsCertificates can be set',
        'credentialNames',
        'tlsCertificates',
      ),
    ],
  },
);

/** What the proxy keeps without cipher suites of its own: pkg/config/security/security.go. */
const CIPHER_SUITES = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-RSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA',
  'ECDHE-RSA-AES256-SHA',
  'AES128-GCM-SHA256',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'AES256-SHA',
  'DES-CBC3-SHA',
];

const TEXT_SOURCES = ['serverCertificate', 'privateKey', 'caCertificates', 'credentialName'];
const LIST_SOURCES = ['tlsCertificates', 'credentialNames'];

/** TLS settings, where they are set. */
export function checkServerTls(tls: Field): void {
  if (!tls.isSet) return;
  const mode = tls.at('mode').text || 'PASSTHROUGH';
  warnOfCiphers(tls);
  if (mode === 'ISTIO_MUTUAL') {
    for (const source of sources(tls, TEXT_SOURCES)) {
      source.refuse('nothing with ISTIO_MUTUAL, which brings its own certificates');
    }
    return;
  }
  if (isPassthrough(tls) && sources(tls, [...TEXT_SOURCES, 'caCrl']).length > 0) {
    tls.warn(`no certificates with ${mode}, which ignores them`);
  }
  checkOneSource(tls);
  if (isPassthrough(tls)) {
    checkRevocationList(tls, mode);
    return;
  }
  // the secret behind a credential name brings certificate, key and CA
  if (sources(tls, ['credentialName', 'credentialNames'], []).length > 0) return;
  checkCertificates(tls, mode);
  checkRevocationList(tls, mode);
}

/** Whether the proxy leaves TLS to the destination; the default. */
export function isPassthrough(tls: Field): boolean {
  return ['', 'PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(tls.at('mode').text);
}

function checkOneSource(tls: Field): void {
  const hasFiles = sources(tls, ['serverCertificate', 'privateKey'], []).length === 2;
  const named = sources(tls, ['credentialName']).length;
  if (named + (hasFiles ? 1 : 0) > 1) {
    tls.refuse('one of credentialName, credentialNames, certificate files and tlsCertificates');
  }
}

function checkCertificates(tls: Field, mode: string): void {
  const several = tls.at('tlsCertificates').items;
  if (mode !== 'SIMPLE' && tls.at('caCertificates').text === '') {
    tls.at('caCertificates').refuse(`a CA bundle for clients with ${mode}`);
  }
  if (several.length > 2) tls.at('tlsCertificates').warn('at most 2 certificates');
  for (const certificate of several.length > 0 ? several : [tls]) {
    for (const part of ['serverCertificate', 'privateKey'].map((name) => certificate.at(name))) {
      if (part.text === '') part.refuse(`a file, or a credentialName, with ${mode}`);
    }
  }
}

function checkRevocationList(tls: Field, mode: string): void {
  const crl = tls.at('caCrl');
  if (crl.text === '') return;
  if (tls.at('credentialName').text !== '') crl.refuse('nothing beside credentialName');
  if (mode === 'SIMPLE') crl.refuse('nothing with SIMPLE, which verifies no clients');
}

function warnOfCiphers(tls: Field): void {
  const suites = tls.at('cipherSuites').items;
  const isOld = ['TLSV1_0', 'TLSV1_1'].includes(tls.at('minProtocolVersion').text);
  if (isOld && suites.length === 0) {
    tls.at('cipherSuites').warn('suites of that age: the default ones need TLS 1.2');
  }
  const seen = new Set<string>();
  for (const suite of suites) {
    if (!isCipherSuite(suite.text)) suite.warn(`one of ${CIPHER_SUITES.join(', ')}`);
    else if (seen.has(suite.text)) suite.warn('a suite that none before it equals');
    seen.add(suite.text);
  }
}

/** Expressions with an operator in front are left to BoringSSL. */
function isCipherSuite(suite: string): boolean {
  return suite === 'ALL' || !/^[\p{L}\p{N}]/u.test(suite) || CIPHER_SUITES.includes(suite);
}

/** Those of the named texts, and of the lists of certificates, that are not empty. */
function sources(
  tls: Field,
  texts: readonly string[],
  lists: readonly string[] = LIST_SOURCES,
): readonly Field[] {
  return [...texts, ...lists]
    .map((name) => tls.at(name))
    .filter((field) => field.text !== '' || field.items.length > 0);
}
