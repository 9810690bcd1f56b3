import { badRequest } from '../ApiError';
import { isObject, Json } from '../json';
import { FieldShape, fieldsOf, Scalar } from './model';

export interface Decoded {
  /** The object with what its type does not have left out, as an API server stores it. */
  object: any;
  /** Paths that the type does not have: `spec.template.spec.containers[0].imgae`. */
  unknown: string[];
}

/**
 * Reads an object as its type. Throws 400 for a value of the wrong type, in the words of Go's JSON decoder.
 *
 * @param type - of the schema table
 */
export function decode(object: Json, type: string): Decoded {
  const unknown: string[] = [];
  const decoded = read(
    object,
    { is: 'object', type },
    { path: '', unknown, kind: type, owner: type },
  );
  return { object: decoded, unknown };
}

interface Place {
  path: string;
  unknown: string[];
  kind: string;
  /** Type that the field belongs to, for messages. */
  owner: string;
}

function read(value: unknown, shape: FieldShape, place: Place): any {
  if (value === null || value === undefined) {
    return undefined;
  }
  switch (shape.is) {
    case 'any':
      return value;
    case 'scalar':
      return readScalar(value, shape.scalar, place);
    case 'list':
      if (!Array.isArray(value)) {
        throw mismatch(value, '[]', place);
      }
      return value.map((item, index) =>
        read(item, shape.of, { ...place, path: `${place.path}[${index}]` }),
      );
    case 'map':
      if (!isObject(value)) {
        throw mismatch(value, 'map[string]string', place);
      }
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          item === null
            ? emptyOf(shape.of)
            : read(item, shape.of, { ...place, path: `${place.path}.${key}` }),
        ]),
      );
    default:
      return readObject(value, shape.type, place);
  }
}

function emptyOf(shape: FieldShape): unknown {
  return shape.is === 'scalar' ? '' : undefined;
}

function readObject(value: unknown, type: string, place: Place): Json {
  if (!isObject(value)) {
    throw mismatch(value, `v1.${type}`, place);
  }
  const fields = fieldsOf(type);
  if (!fields) {
    return value;
  }
  const result: Json = {};
  for (const [key, member] of Object.entries(value)) {
    const field = fields.get(key);
    const path = place.path ? `${place.path}.${key}` : key;
    if (!field) {
      place.unknown.push(path);
      continue;
    }
    const decoded = read(member, field.shape, { ...place, path, owner: type });
    if (decoded !== undefined) {
      result[key] = decoded;
    }
  }
  return result;
}

function readScalar(value: unknown, scalar: Scalar, place: Place): unknown {
  switch (scalar) {
    case 'boolean':
      if (typeof value !== 'boolean') {
        throw mismatch(value, 'bool', place);
      }
      return value;
    case 'integer':
    case 'number':
      if (
        typeof value !== 'number' ||
        (scalar === 'integer' && !Number.isInteger(value))
      ) {
        throw mismatch(value, 'int32', place);
      }
      return value;
    case 'intOrString':
      if (typeof value !== 'string' && typeof value !== 'number') {
        throw mismatch(value, 'intstr.IntOrString', place);
      }
      return value;
    case 'quantity':
      if (typeof value !== 'string' && typeof value !== 'number') {
        throw mismatch(value, 'resource.Quantity', place);
      }
      return String(value);
    default:
      if (typeof value !== 'string') {
        throw mismatch(value, 'string', place);
      }
      return value;
  }
}

function mismatch(value: unknown, wanted: string, place: Place) {
  const path = place.path.replace(/\[\d+\]/g, '');
  return badRequest(
    `${place.kind} in version "v1" cannot be handled as a ${
      place.kind
    }: json: cannot unmarshal ${goType(value)} into Go struct field ${
      place.owner
    }.${path} of type ${wanted}`,
  );
}

function goType(value: unknown): string {
  if (Array.isArray(value)) {
    return 'array';
  }
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
