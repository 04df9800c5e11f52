/**
 * What a request must carry beyond method, path and host, and what only something else can judge: a
 * token's claim, a header, an external authorizer. Values are not looked into: two conditions meet
 * or exclude each other only where their values are the same, or one is `*` (present).
 */

/** The attribute has one of `values` (none listed: any) and none of `notValues`. */
export interface RequestCondition {
  /** `request.auth.claims[groups]`, `request.headers[x-tenant]`, `external-authorizer`, … */
  readonly key: string;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

/** What is known of a request: whether an attribute has a value; undefined: not known. */
export type HasValue = (key: string, value: string) => boolean | undefined;

/** Sorted, merged as far as the words allow; undefined: they exclude each other. */
export function allConditions(
  conditions: readonly RequestCondition[],
): readonly RequestCondition[] | undefined {
  const keys = [...new Set(conditions.map(({ key }) => key))].sort();
  const merged: RequestCondition[] = [];
  for (const key of keys) {
    const own = conditions.filter((one) => one.key === key);
    const notValues = distinct(own.flatMap((one) => one.notValues));
    const lists = own.filter(({ values }) => values.length > 0).map(({ values }) => values);
    const possible = lists.map((values) =>
      distinct(values.filter((value) => !notValues.some((not) => implies(value, not)))),
    );
    if (possible.some((values) => values.length === 0)) return undefined;
    merged.push(...oneKey(key, narrowest(possible), notValues));
  }
  return merged;
}

/** What the opposite of a condition is: one of these. */
export function notCondition({ key, values, notValues }: RequestCondition): RequestCondition[] {
  return [
    ...(values.length === 0 ? [] : [{ key, values: [], notValues: values }]),
    ...(notValues.length === 0 ? [] : [{ key, values: notValues, notValues: [] }]),
  ];
}

/** Cheap and sound: whether whoever meets `inner` meets `outer`. */
export function conditionsImply(
  inner: readonly RequestCondition[],
  outer: readonly RequestCondition[],
): boolean {
  return outer.every(({ key, values, notValues }) => {
    const own = inner.filter((one) => one.key === key);
    const excluded = own.flatMap((one) => one.notValues);
    return (
      notValues.every((value) => excluded.some((not) => implies(value, not))) &&
      (values.length === 0 || own.some((one) => isNarrower(one.values, values)))
    );
  });
}

/** Whether a request meets all of them; undefined: it hangs on what is not known. */
export function conditionsHold(
  conditions: readonly RequestCondition[],
  hasValue: HasValue,
): boolean | undefined {
  let known = true;
  for (const { key, values, notValues } of conditions) {
    const listed = values.map((value) => hasValue(key, value));
    const excluded = notValues.map((value) => hasValue(key, value));
    if (excluded.includes(true)) return false;
    if (values.length > 0 && listed.every((one) => one === false)) return false;
    if (excluded.includes(undefined)) known = false;
    if (values.length > 0 && !listed.includes(true)) known = false;
  }
  return known ? true : undefined;
}

/** `request.headers[x-tenant] in a,b, not c` */
export function describeCondition({ key, values, notValues }: RequestCondition): string {
  const parts = [
    ...(values.length === 0 ? [] : [`in ${values.join(',')}`]),
    ...(notValues.length === 0 ? [] : [`not ${notValues.join(',')}`]),
  ];
  return `${key} ${parts.join(', ')}`;
}

/** Excluded values stand beside the first list of a key. */
function oneKey(
  key: string,
  lists: readonly (readonly string[])[],
  notValues: readonly string[],
): RequestCondition[] {
  if (lists.length === 0) return notValues.length === 0 ? [] : [{ key, values: [], notValues }];
  return lists.map((values, index) => ({ key, values, notValues: index === 0 ? notValues : [] }));
}

/** Lists that no other list makes superfluous, sorted. */
function narrowest(lists: readonly string[][]): string[][] {
  return lists
    .filter(
      (list, index) =>
        !lists.some(
          (other, at) =>
            at !== index && isNarrower(other, list) && (at < index || !isNarrower(list, other)),
        ),
    )
    .sort((a, b) => (a.join(',') < b.join(',') ? -1 : 1));
}

function isNarrower(inner: readonly string[], outer: readonly string[]): boolean {
  return inner.length > 0 && inner.every((one) => outer.some((value) => implies(one, value)));
}

/** Whatever has a value has one. */
function implies(value: string, other: string): boolean {
  return value === other || other === '*';
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
