/**
 * Traffic policies of a DestinationRule: for the host, a port, or a subset (6.7).
 *
 * Sources: istio/istio:pkg/config/validation/validation.go (validateTrafficPolicy),
 * agent/validation.go (ValidateTLS)
 */
import {
  CONNECTION_POOL,
  OUTLIER_DETECTION,
  checkConnectionPool,
  checkOutlierDetection,
} from './connection-pool';
import type { Field } from './field';
import { LOAD_BALANCER, checkLoadBalancer } from './load-balancer';
import { checkFqdnOrIp } from './names';
import { PORT_SELECTOR, checkPortNumber } from './ports';
import { BOOLEAN, DOUBLE, TEXT, TEXTS, UINT32, choice, list, nullable, object } from './shape';

const CLIENT_TLS = object({
  caCertificates: TEXT,
  caCrl: TEXT,
  clientCertificate: TEXT,
  credentialName: TEXT,
  insecureSkipVerify: nullable(BOOLEAN),
  mode: choice('DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'),
  privateKey: TEXT,
  sni: TEXT,
  subjectAltNames: TEXTS,
});

/** Settings that a port may have as well as the whole host. */
const SETTINGS = {
  connectionPool: CONNECTION_POOL,
  loadBalancer: LOAD_BALANCER,
  outlierDetection: OUTLIER_DETECTION,
  tls: CLIENT_TLS,
};

export const TRAFFIC_POLICY = object({
  ...SETTINGS,
  portLevelSettings: list(object({ ...SETTINGS, port: PORT_SELECTOR }), { max: 4096 }),
  proxyProtocol: object({ version: choice('V1', 'V2') }),
  retryBudget: object({
    minRetryConcurrency: UINT32,
    percent: nullable({ ...DOUBLE, min: 0, max: 100 }),
  }),
  tunnel: object(
    { protocol: TEXT, targetHost: TEXT, targetPort: UINT32 },
    { required: ['targetHost', 'targetPort'] },
  ),
});

/**
 * A traffic policy, where one is set; `namespace` is that of the DestinationRule.
 *
 * Istio prints no warnings about policies of subsets and ports (validateSubset drops them); here
 * they are kept.
 */
export function checkTrafficPolicy(policy: Field, namespace: string): void {
  if (!policy.isSet) return;
  const ports = policy.at('portLevelSettings').items;
  const [tunnel, proxyProtocol] = [policy.at('tunnel'), policy.at('proxyProtocol')];
  const own = [...Object.keys(SETTINGS), 'tunnel', 'proxyProtocol', 'retryBudget'];
  if (policy.present(own).length === 0 && ports.length === 0) {
    policy.refuse(`at least one of ${own.join(', ')}, portLevelSettings`);
  }
  if (tunnel.isSet && proxyProtocol.isSet) policy.refuse('tunnel or proxyProtocol, not both');
  checkSettings(policy, namespace);
  if (tunnel.isSet) checkTunnel(tunnel);
  for (const settings of ports) {
    if (!settings.at('port').isSet) settings.at('port').refuse('a port');
    if (settings.present(Object.keys(SETTINGS)).length === 0) {
      settings.refuse(`at least one of ${Object.keys(SETTINGS).join(', ')}`);
    }
    checkSettings(settings, namespace);
  }
}

function checkSettings(policy: Field, namespace: string): void {
  const outlierDetection = policy.at('outlierDetection');
  checkOutlierDetection(outlierDetection);
  checkConnectionPool(policy.at('connectionPool'));
  checkLoadBalancer(policy.at('loadBalancer'), outlierDetection);
  checkClientTls(policy.at('tls'), namespace);
}

function checkTunnel(tunnel: Field): void {
  const protocol = tunnel.at('protocol');
  if (!['', 'CONNECT', 'POST'].includes(protocol.text)) protocol.refuse('CONNECT or POST');
  checkFqdnOrIp(tunnel.at('targetHost'));
  checkPortNumber(tunnel.at('targetPort'));
}

/** TLS towards the destination. */
export function checkClientTls(tls: Field, namespace: string): void {
  const [mode, credential] = [tls.at('mode').text, tls.at('credentialName')];
  if (credential.text.startsWith(CONFIG_MAP)) checkConfigMap(credential, namespace);
  if (tls.at('insecureSkipVerify').flag) checkSkipVerify(tls);

  if (credential.text !== '' && ['SIMPLE', 'MUTUAL'].includes(mode)) {
    for (const file of CERTIFICATE_FILES.map((name) => tls.at(name))) {
      if (file.text !== '') file.refuse('nothing beside credentialName');
    }
    return;
  }
  if (mode !== 'MUTUAL') return;
  for (const file of ['clientCertificate', 'privateKey'].map((name) => tls.at(name))) {
    if (file.text === '') file.refuse('a file, or a credentialName, with mode MUTUAL');
  }
}

const CONFIG_MAP = 'configmap://';
const CERTIFICATE_FILES = ['clientCertificate', 'caCertificates', 'privateKey', 'caCrl'];

/** Without verification there is nothing to verify against; MUTUAL may name its own certificate. */
function checkSkipVerify(tls: Field): void {
  const mode = tls.at('mode').text;
  if (mode !== 'SIMPLE' && mode !== 'MUTUAL') return;
  const names = ['caCertificates', ...(mode === 'SIMPLE' ? ['credentialName'] : [])];
  const against = names.map((name) => tls.at(name)).filter(({ text }) => text !== '');
  const hasNames = tls.at('subjectAltNames').items.length > 0;
  if (against.length > 0 || hasNames) {
    tls.at('insecureSkipVerify').refuse(`false beside ${[...names, 'subjectAltNames'].join(', ')}`);
  }
}

function checkConfigMap(credential: Field, namespace: string): void {
  const [owner, name] = credential.text.slice(CONFIG_MAP.length).split('/');
  if (owner !== namespace || !name) {
    credential.refuse(`${CONFIG_MAP}${namespace}/<name>: a ConfigMap of the own namespace`);
  }
}
