/**
 * What the public internet is, seen from a cluster: every address but those that are private or the
 * cluster's own.
 */
import type { ProfileData } from '../cluster/profile-data';

/** Every address of both families. */
export const EVERY_ADDRESS: readonly string[] = ['0.0.0.0/0', '::/0'];

/** Private, shared, link-local and unique-local space: what the public internet is not. */
const NOT_PUBLIC = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
];

/** Blocks that are not public, with the profile's own ranges and metadata addresses. */
export function notPublic(profile: ProfileData): string[] {
  return [
    ...NOT_PUBLIC,
    ...(profile.podRanges ?? []),
    ...(profile.serviceRanges ?? []),
    ...(profile.nodeRanges ?? []),
    ...profile.metadataAddresses,
  ];
}
