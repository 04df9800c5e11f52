/** What NetworkPolicy can say about a flow at one of its ends. */
import type { NamespaceScope } from '../values/peer';
import type { PortData } from '../values/port';
import type { SelectorData } from '../values/selector';

/** A peer as NetworkPolicy names it; `everyone` is a rule without peers. */
export type PolicyPeer =
  | { readonly kind: 'everyone' }
  | { readonly kind: 'pods'; readonly namespaces: NamespaceScope; readonly pods: SelectorData }
  | { readonly kind: 'block'; readonly cidr: string; readonly except: readonly string[] };

/** Some peers and the ports between them and the policy's pods; no ports: all of them. */
export interface Grant {
  readonly peers: readonly PolicyPeer[];
  readonly ports: readonly PortData[];
}
