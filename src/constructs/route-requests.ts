/**
 * Which requests a route is about: paths, and the gateways and hosts through which they come.
 */
import { Http } from '../values/http';
import { hostsOverlap } from '../values/istio/names';
import { refuse } from '../values/problem';
import { checkVariantName } from './variants';

interface Paths {
  readonly paths?: readonly string[];
  readonly otherwise?: string;
}

/** Paths of the split, and the variant of all others: both or neither. */
export function checkedPaths(path: string, { paths, otherwise }: Paths): readonly string[] {
  const checked = paths === undefined ? [] : routePaths(path, paths);
  checkOtherwise(path, checked, otherwise);
  return checked;
}

/** A route knows exact paths and prefixes; the other patterns of HTTP rules it cannot say. */
function routePaths(path: string, paths: readonly string[]): readonly string[] {
  const { paths: checked } = Http.any(...paths)._data;
  const other = checked.find((one) => !one.startsWith('/') || one === '/*' || /[{}]/.test(one));
  if (other === undefined && checked.length > 0) return withoutCovered(checked);
  return refuse({
    code: 'route-path',
    where: `${path}: paths`,
    got: other ?? [],
    expected: 'paths that are exact, or end in "*" for a prefix that some requests do not have',
    fix: `paths: ['/v1/predict', '/v1/models/*'], or no paths for every request`,
  });
}

/** A path below a prefix that is listed too says nothing more, and Istio warns of it. */
function withoutCovered(paths: readonly string[]): string[] {
  const prefixes = paths.filter((path) => path.endsWith('*')).map((path) => path.slice(0, -1));
  return paths.filter(
    (path) =>
      !prefixes.some((prefix) => path !== `${prefix}*` && path.replace('*', '').startsWith(prefix)),
  );
}

function checkOtherwise(
  path: string,
  paths: readonly string[],
  otherwise: string | undefined,
): void {
  if (otherwise !== undefined) checkVariantName(`${path}: otherwise`, otherwise);
  if (paths.length > 0 === (otherwise !== undefined)) return;
  refuse({
    code: 'route-default',
    where: `${path}: otherwise`,
    got: otherwise,
    expected:
      otherwise === undefined
        ? 'the variant of all other paths: without a default route they are answered with 404'
        : 'paths that the split is limited to: as it is, no request is left over',
    fix: otherwise === undefined ? `otherwise: 'stable'` : `paths: ['/v1/*']`,
  });
}

interface Gateways {
  readonly gateways?: readonly string[];
  readonly hosts?: readonly string[];
}

/** Gateways, and the hosts under which they serve the workload: both or neither. */
export function checkedGateways(
  path: string,
  { gateways = [], hosts = [] }: Gateways,
): { readonly gateways: readonly string[]; readonly hosts: readonly string[] } {
  const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?';
  const name = new RegExp(`^(?:${label}/)?${label}$`);
  for (const got of gateways) {
    if (got !== 'mesh' && name.test(got)) continue;
    refuse({
      code: 'gateway-name',
      where: `${path}: gateways`,
      got,
      expected: 'the name of a gateway, or namespace/name; the mesh is always routed',
      fix: `gateways: ['istio-system/public']`,
    });
  }
  if (gateways.length > 0 !== hosts.length > 0) {
    refuse({
      code: 'gateway-hosts',
      where: `${path}: hosts`,
      got: { gateways, hosts },
      expected: 'gateways and hosts together: a gateway routes by the host that users ask for',
      fix: `gateways: ['istio-system/public'], hosts: ['models.example.com']`,
    });
  }
  return { gateways: [...new Set(gateways)].sort(), hosts: checkedHosts(path, hosts) };
}

function checkedHosts(path: string, hosts: readonly string[]): readonly string[] {
  if (hosts.length === 0) return [];
  const { hosts: checked } = Http.of({ hosts: [...hosts] })._data;
  const short = checked.find((host) => !host.includes('.'));
  if (short !== undefined) {
    refuse({
      code: 'gateway-hosts',
      where: `${path}: hosts`,
      got: short,
      expected: 'host names with at least two labels: a short one is a Service of the namespace',
      fix: `hosts: ['models.example.com']`,
    });
  }
  const twice = checked.filter((host) =>
    checked.some((other) => other !== host && hostsOverlap(host, other)),
  );
  if (twice.length > 0) {
    refuse({
      code: 'gateway-hosts',
      where: `${path}: hosts`,
      got: twice,
      expected: 'hosts that do not contain each other: Istio refuses them in one VirtualService',
      fix: `hosts: ['${twice.find((host) => host.startsWith('*')) ?? ''}']`,
    });
  }
  return checked;
}
