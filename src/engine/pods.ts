/**
 * All pods as classes that lie beside each other by namespace, and the pods that a selector selects.
 *
 * Selectors are answered from postings: the rarest label that a selector asks for gives the candidates,
 * so that a distinct selector costs what it nearly selects, once. A namespace that no object describes
 * is known by its name only: what else selects it is not known.
 */
import type { Cluster, Labels, NamespaceFacts, PodFacts, WorkloadFacts } from '../read/cluster';
import type { SelectorData } from '../values/selector';
import { isEverything, selectorKey, selectorMatches } from '../values/selector';
import { OpenLabels } from './open-labels';

/** The label that the API server sets on every namespace. */
export const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Pods that no policy can tell apart. */
export interface PodClass {
  /** Place in `Pods.classes`. */
  readonly index: number;
  readonly workload: WorkloadFacts;
  readonly pods: PodFacts;
  /** Place in `Pods.namespaces`. */
  readonly namespace: number;
}

/** Places of classes or namespaces, ascending. */
export type Places = readonly number[];

/** What a selector selects, and what it may select. */
export interface Selected {
  readonly sure: Places;
  readonly maybe: Places;
}

/** A contiguous part of the classes; `end` is not in it. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export class Pods {
  /** Sorted by name. */
  readonly namespaces: readonly NamespaceFacts[];
  /** Sorted by namespace, then workload. */
  readonly classes: readonly PodClass[];
  private readonly spans: readonly Span[];
  private readonly places = new Map<string, number>();
  private readonly podLabels: Postings;
  private readonly namespaceLabels: Postings;
  private readonly selectedPods = new Map<string, Places>();
  private readonly undecidedPods = new Map<string, Places>();
  private readonly openLabels: OpenLabels;
  private readonly selectedNamespaces = new Map<string, Selected>();

  constructor(cluster: Pick<Cluster, 'namespaces' | 'workloads'>) {
    this.namespaces = namespacesOf(cluster);
    this.namespaces.forEach(({ name }, place) => this.places.set(name, place));
    const byNamespace = this.namespaces.map((): WorkloadFacts[] => []);
    for (const workload of cluster.workloads) {
      byNamespace[this.placeOf(workload.namespace)]?.push(workload);
    }
    const classes: PodClass[] = [];
    this.spans = byNamespace.map((workloads, namespace) => {
      const start = classes.length;
      for (const workload of workloads.sort((a, b) => compareText(a.id, b.id))) {
        for (const pods of workload.pods) {
          classes.push({ index: classes.length, workload, pods, namespace });
        }
      }
      return { start, end: classes.length };
    });
    this.classes = classes;
    this.podLabels = new Postings(classes.map(({ pods }) => pods.labels));
    this.openLabels = new OpenLabels(classes.map(({ pods }) => pods));
    this.namespaceLabels = new Postings(this.namespaces.map(({ labels }) => labels));
  }

  /** Place of a namespace; -1: there is none. */
  placeOf(namespace: string): number {
    return this.places.get(namespace) ?? -1;
  }

  spanOf(namespace: number): Span {
    return this.spans[namespace] ?? { start: 0, end: 0 };
  }

  /** Pods of all namespaces that a selector certainly selects. */
  selected(selector: SelectorData): Places {
    return remember(this.selectedPods, selectorKey(selector), () => {
      const matching = this.podLabels.matching(selector);
      const undecided = new Set(this.undecided(selector));
      return undecided.size === 0 ? matching : matching.filter((place) => !undecided.has(place));
    });
  }

  /** Pods that it may select: that hangs on labels that a controller makes up. */
  undecided(selector: SelectorData): Places {
    if (!this.openLabels.asked(selector)) return NOWHERE;
    return remember(this.undecidedPods, selectorKey(selector), () =>
      this.openLabels.undecided(selector),
    );
  }

  /** Pods of one namespace. */
  selectedIn(namespace: number, selector: SelectorData): Places {
    const { start, end } = this.spanOf(namespace);
    if (isEverything(selector)) return count(start, end);
    if (end - start <= FEW && this.undecided(selector).length === 0) {
      const places: number[] = [];
      for (let place = start; place < end; place += 1) {
        if (this.podLabels.matches(selector, place)) places.push(place);
      }
      return places;
    }
    return within(this.selected(selector), { start, end });
  }

  namespacesSelected(selector: SelectorData): Selected {
    return remember(this.selectedNamespaces, selectorKey(selector), () =>
      this.namespacesOf(selector),
    );
  }

  private namespacesOf(selector: SelectorData): Selected {
    const sure: number[] = [];
    const maybe: number[] = [];
    for (const place of this.namespaceLabels.candidates(selector, this.unknown())) {
      const facts = this.namespaces[place];
      if (facts === undefined) continue;
      const answer = selects(selector, facts);
      if (answer === true) sure.push(place);
      else if (answer === undefined) maybe.push(place);
    }
    return { sure, maybe };
  }

  /** Namespaces whose labels are not all known: candidates of every selector. */
  private unknown(): Places {
    return (this.unknownPlaces ??= this.namespaces.flatMap(({ labelsKnown }, place) =>
      labelsKnown ? [] : [place],
    ));
  }
  private unknownPlaces: Places | undefined;
}

const NOWHERE: Places = [];

/** Below so many pods, asking each one is cheaper than a set of the whole cluster. */
const FEW = 16;

/** Whether a selector selects a namespace; undefined: that depends on labels that are not known. */
function selects(
  selector: SelectorData,
  { labels, labelsKnown }: NamespaceFacts,
): boolean | undefined {
  if (labelsKnown || selectorMatches(selector, labels)) {
    // a label that is not known could still be one that NotIn or DoesNotExist excludes
    const negative = selector.matchExpressions.some(
      ({ key, operator }) =>
        (operator === 'NotIn' || operator === 'DoesNotExist') && !Object.hasOwn(labels, key),
    );
    if (labelsKnown) return selectorMatches(selector, labels);
    return negative ? undefined : true;
  }
  const known = {
    matchLabels: Object.fromEntries(
      Object.entries(selector.matchLabels).filter(([key]) => Object.hasOwn(labels, key)),
    ),
    matchExpressions: selector.matchExpressions.filter(({ key }) => Object.hasOwn(labels, key)),
  };
  return selectorMatches(known, labels) ? undefined : false;
}

function namespacesOf({
  namespaces,
  workloads,
}: Pick<Cluster, 'namespaces' | 'workloads'>): NamespaceFacts[] {
  const all = new Map(namespaces.map((one) => [one.name, one]));
  for (const { namespace } of workloads) {
    if (all.has(namespace)) continue;
    const labels = { [NAME_LABEL]: namespace };
    all.set(namespace, { name: namespace, labels, labelsKnown: false, annotations: {} });
  }
  return [...all.values()].sort((a, b) => compareText(a.name, b.name));
}

/** Which places carry a label. */
class Postings {
  private readonly byValue = new Map<string, Map<string, number[]>>();

  constructor(private readonly labels: readonly Labels[]) {
    labels.forEach((one, place) => {
      for (const [key, value] of Object.entries(one)) {
        const values = remember(this.byValue, key, () => new Map<string, number[]>());
        remember(values, value, (): number[] => []).push(place);
      }
    });
  }

  matches(selector: SelectorData, place: number): boolean {
    return selectorMatches(selector, this.labels[place] ?? {});
  }

  matching(selector: SelectorData): Places {
    return this.candidates(selector, []).filter((place) => this.matches(selector, place));
  }

  /** The fewest places that one requirement leaves, and some others; ascending. */
  candidates({ matchLabels, matchExpressions }: SelectorData, others: Places): Places {
    const lists = Object.entries(matchLabels).map(([key, value]) => this.with(key, [value]));
    for (const { key, operator, values } of matchExpressions) {
      if (operator === 'In') lists.push(this.with(key, values));
    }
    if (lists.length === 0) return count(0, this.labels.length);
    const fewest = lists.reduce((a, b) => (b.length < a.length ? b : a));
    return others.length === 0 ? fewest : ascending([...fewest, ...others]);
  }

  private with(key: string, values: readonly string[]): Places {
    const lists = values.flatMap((value) => {
      const list = this.byValue.get(key)?.get(value);
      return list === undefined ? [] : [list];
    });
    return lists.length === 1 ? (lists[0] ?? []) : ascending(lists.flat());
  }
}

/** Sorted, distinct. */
export function ascending(places: readonly number[]): Places {
  if (places.length < 2) return places;
  return [...places].sort((a, b) => a - b).filter((place, at, sorted) => place !== sorted[at - 1]);
}

/** The numbers from start up to, not including, end. */
export function count(start: number, end: number): Places {
  const places: number[] = [];
  for (let place = start; place < end; place += 1) places.push(place);
  return places;
}

/** Those of some ascending places that lie in a span. */
export function within(places: Places, { start, end }: Span): Places {
  return places.slice(firstFrom(places, start), firstFrom(places, end));
}

/** Index of the first place that is not below `least`. */
export function firstFrom(places: Places, least: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether an ascending list holds a place. */
export function includes(places: Places, place: number): boolean {
  return places[firstFrom(places, place)] === place;
}

/** Places of both lists; costs what the shorter one holds. */
export function shared(a: Places, b: Places): Places {
  const [few, many] = a.length < b.length ? [a, b] : [b, a];
  return few.filter((place) => many[firstFrom(many, place)] === place);
}

/** The value of a key, computed where there is none yet. */
export function remember<K, V>(map: Map<K, V>, key: K, compute: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = compute();
  map.set(key, value);
  return value;
}

/** By code unit, not by locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
