import { badRequest } from '../ApiError';
import { clone, deepEqual, isObject, Json } from '../json';
import { Field, FieldShape, fieldsOf } from '../schema/model';

const ORDER = '$setElementOrder/';
const DELETE_PRIMITIVES = '$deleteFromPrimitiveList/';

/**
 * A strategic merge patch: as a merge patch, but lists whose type has a merge key are merged by it, and directives (`$patch`, `$retainKeys`,
 * `$setElementOrder/…`, `$deleteFromPrimitiveList/…`) say what a merge cannot. Neither argument is changed.
 *
 * @param type - of the schema table: `Deployment`
 */
export function strategicMerge(value: Json, patch: Json, type: string): Json {
  return mergeObject(value, patch, { is: 'object', type });
}

function fieldShape(
  shape: FieldShape,
  name: string,
): { shape: FieldShape; field?: Field } {
  if (shape.is === 'map') {
    return { shape: shape.of };
  }
  const field =
    shape.is === 'object' ? fieldsOf(shape.type)?.get(name) : undefined;
  return field ? { shape: field.shape, field } : { shape: { is: 'any' } };
}

function mergeObject(value: Json, patch: Json, shape: FieldShape): Json {
  if (patch.$patch === 'replace') {
    const { $patch: _, ...rest } = patch;
    return withoutDirectives(rest);
  }
  if (patch.$patch === 'delete') {
    return {};
  }
  if (patch.$patch !== undefined && patch.$patch !== 'merge') {
    throw badRequest(`unknown $patch type: ${String(patch.$patch)}`);
  }
  let result: Json = { ...value };
  if (Array.isArray(patch.$retainKeys)) {
    const kept = new Set<string>(patch.$retainKeys);
    result = Object.fromEntries(
      Object.entries(result).filter(([key]) => kept.has(key)),
    );
  }
  for (const [key, change] of Object.entries(patch)) {
    if (key.startsWith('$')) {
      continue;
    }
    const { shape: inner, field } = fieldShape(shape, key);
    if (change === null) {
      delete result[key];
    } else if (isObject(change)) {
      result[key] = isObject(result[key])
        ? mergeObject(result[key], change, inner)
        : withoutDirectives(change);
      if (change.$patch === 'delete') {
        delete result[key];
      }
    } else if (Array.isArray(change) && (field?.mergeKey || field?.mergeSet)) {
      result[key] = mergeList(result[key] ?? [], change, field);
    } else {
      result[key] = clone(change);
    }
  }
  applyListDirectives(result, value, patch, shape);
  return result;
}

function applyListDirectives(
  result: Json,
  before: Json,
  patch: Json,
  shape: FieldShape,
): void {
  for (const [key, list] of Object.entries(patch)) {
    if (key.startsWith(DELETE_PRIMITIVES)) {
      const name = key.slice(DELETE_PRIMITIVES.length);
      result[name] = (result[name] ?? []).filter(
        (item: unknown) => !list.includes(item),
      );
    } else if (key.startsWith(ORDER)) {
      const name = key.slice(ORDER.length);
      const mergeKey = fieldShape(shape, name).field?.mergeKey;
      if (Array.isArray(result[name])) {
        result[name] = inOrder(
          result[name],
          list,
          before[name] ?? [],
          mergeKey,
        );
      }
    }
  }
}

function mergeList(list: any[], patch: any[], field: Field): any[] {
  const { mergeKey } = field;
  if (!mergeKey) {
    return [...list, ...patch.filter(item => !list.includes(item))];
  }
  if (patch.some(item => isObject(item) && item.$patch === 'replace')) {
    return patch
      .filter(item => item.$patch !== 'replace')
      .map(withoutDirectives);
  }
  const itemShape: FieldShape =
    field.shape.is === 'list' ? field.shape.of : { is: 'any' };
  let result = [...list];
  for (const item of patch) {
    if (!isObject(item) || item[mergeKey] === undefined) {
      throw badRequest(
        `map: ${JSON.stringify(
          item,
        )} does not contain declared merge key: ${mergeKey}`,
      );
    }
    const index = result.findIndex(
      existing => existing[mergeKey] === item[mergeKey],
    );
    if (item.$patch === 'delete') {
      result = result.filter(existing => existing[mergeKey] !== item[mergeKey]);
    } else if (index < 0) {
      result.push(withoutDirectives(item));
    } else {
      result[index] = mergeObject(result[index], item, itemShape);
    }
  }
  return result;
}

/** What the patch sets in its order; what only the server has keeps its place among what the server had. */
function inOrder(
  items: any[],
  order: any[],
  before: any[],
  mergeKey?: string,
): any[] {
  const keyOf = (item: any) =>
    mergeKey && isObject(item) ? item[mergeKey] : item;
  const wanted = order.map(keyOf);
  const had = before.map(keyOf);
  const placed = items
    .filter(item => wanted.includes(keyOf(item)))
    .sort((a, b) => wanted.indexOf(keyOf(a)) - wanted.indexOf(keyOf(b)));
  const others = items.filter(item => !wanted.includes(keyOf(item)));
  const result: any[] = [];
  while (placed.length > 0 && others.length > 0) {
    const place = had.indexOf(keyOf(placed[0]));
    const first =
      place >= 0 && place > had.indexOf(keyOf(others[0])) ? others : placed;
    result.push(first.shift());
  }
  return [...result, ...placed, ...others];
}

/** A part of a patch as the new value of something that was not there: directives and nulls mean nothing then. */
function withoutDirectives(part: any): any {
  if (Array.isArray(part)) {
    return part
      .filter(item => !(isObject(item) && item.$patch === 'delete'))
      .map(withoutDirectives);
  }
  if (!isObject(part)) {
    return part;
  }
  return Object.fromEntries(
    Object.entries(part)
      .filter(([key, value]) => !key.startsWith('$') && value !== null)
      .map(([key, value]) => [key, withoutDirectives(value)]),
  );
}

/**
 * The three-way merge of `kubectl apply`: what the manifest sets is set, what it set the last time and no longer sets is removed, and all that others
 * set stays.
 */
export function threeWayMerge(options: {
  last: Json;
  manifest: Json;
  live: Json;
  type: string | undefined;
}): Json {
  const shape: FieldShape = options.type
    ? { is: 'object', type: options.type }
    : { is: 'any' };
  return mergeThree(options.last, options.manifest, options.live, shape);
}

function mergeThree(
  last: Json,
  manifest: Json,
  live: Json,
  shape: FieldShape,
): Json {
  const result: Json = { ...live };
  for (const key of Object.keys(last)) {
    if (!Object.hasOwn(manifest, key)) {
      delete result[key];
    }
  }
  for (const [key, wanted] of Object.entries(manifest)) {
    if (wanted === null || wanted === undefined) {
      delete result[key];
      continue;
    }
    const { shape: inner, field } = fieldShape(shape, key);
    const current = result[key];
    if (isObject(wanted)) {
      const retained =
        isObject(current) && field?.retainKeys
          ? pick(current, Object.keys(wanted))
          : current;
      result[key] = isObject(retained)
        ? mergeThree(
            isObject(last[key]) ? last[key] : {},
            wanted,
            retained,
            inner,
          )
        : clone(wanted);
    } else if (
      Array.isArray(wanted) &&
      Array.isArray(current) &&
      (field?.mergeKey || field?.mergeSet)
    ) {
      result[key] = mergeThreeLists(
        Array.isArray(last[key]) ? last[key] : [],
        wanted,
        current,
        field,
      );
    } else if (!deepEqual(current, wanted)) {
      result[key] = clone(wanted);
    }
  }
  return result;
}

function mergeThreeLists(
  last: any[],
  wanted: any[],
  live: any[],
  field: Field,
): any[] {
  const { mergeKey } = field;
  if (!mergeKey) {
    const kept = live.filter(
      item => wanted.includes(item) || !last.includes(item),
    );
    return [...kept, ...wanted.filter(item => !kept.includes(item))];
  }
  const itemShape: FieldShape =
    field.shape.is === 'list' ? field.shape.of : { is: 'any' };
  const find = (list: any[], key: unknown) =>
    list.find(item => item?.[mergeKey] === key);
  const kept = live.filter(
    item => find(wanted, item[mergeKey]) || !find(last, item[mergeKey]),
  );
  const merged = kept.map(item => {
    const manifest = find(wanted, item[mergeKey]);
    if (!manifest) {
      return item;
    }
    const retained = field.retainKeys
      ? pick(item, Object.keys(manifest))
      : item;
    return mergeThree(
      find(last, item[mergeKey]) ?? {},
      manifest,
      retained,
      itemShape,
    );
  });
  const added = wanted.filter(item => !find(live, item?.[mergeKey])).map(clone);
  return inOrder([...merged, ...added], wanted, live, mergeKey);
}

function pick(value: Json, keys: string[]): Json {
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => keys.includes(key)),
  );
}
