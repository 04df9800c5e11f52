/** How the operation of a rule says requests. */
import type { HttpData } from '../../values/http';

/** Methods, paths and hosts of a rule; a field that limits nothing is left out. */
export interface RequestFields {
  readonly methods?: readonly string[];
  readonly paths?: readonly string[];
  readonly hosts?: readonly string[];
}

/** Fields of the requests of a rule; the numbers are ports that callers may write after a host. */
export function requestFields(
  { methods, paths, hosts }: HttpData,
  numbers: readonly number[] = [],
): RequestFields {
  return {
    ...(methods.length > 0 && { methods }),
    ...(paths.length > 0 && { paths }),
    ...(hosts.length > 0 && { hosts: withPorts(hosts, numbers) }),
  };
}

/**
 * The authority is compared with its port, so both spellings are listed. A pattern has one `*` only:
 * behind a wildcard, the ports are listed one by one.
 */
export function withPorts(hosts: readonly string[], numbers: readonly number[] = []): string[] {
  return hosts.flatMap((host) =>
    host.startsWith('*')
      ? [host, ...numbers.map((port) => `${host}:${String(port)}`)]
      : [host, `${host}:*`],
  );
}
