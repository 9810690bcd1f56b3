import { badRequest } from '../ApiError';
import { Json } from '../json';

/** What stands before every object that Kubernetes writes as protobuf. */
const MAGIC = Buffer.from('k8s\0');
const NOTHING = Buffer.alloc(0);
const TYPE_FIELDS = { 1: 'apiVersion', 2: 'kind' };
const RULES_FIELDS = { 1: 'namespace' };
const RESOURCE_FIELDS: Readonly<Record<number, string>> = {
  1: 'namespace',
  2: 'verb',
  3: 'group',
  4: 'version',
  5: 'resource',
  6: 'subresource',
  7: 'name',
};
const NON_RESOURCE_FIELDS: Readonly<Record<number, string>> = {
  1: 'path',
  2: 'verb',
};

/**
 * Reads a SelfSubjectAccessReview or SelfSubjectRulesReview that was written as protobuf. Newer kubectl asks `auth can-i` so, and has no other way;
 * everything else that the sandbox takes is JSON.
 */
export function readReview(bytes: Buffer): Json {
  if (!bytes.subarray(0, 4).equals(MAGIC)) {
    throw badRequest(
      'the body of the request is not protobuf as Kubernetes writes it',
    );
  }
  const envelope = fieldsIn(bytes.subarray(4));
  const { kind } = strings(envelope.get(1) ?? NOTHING, TYPE_FIELDS);
  const review = fieldsIn(envelope.get(2) ?? NOTHING);
  const spec = review.get(2) ?? NOTHING;
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind,
    spec:
      kind === 'SelfSubjectRulesReview'
        ? strings(spec, RULES_FIELDS)
        : accessSpec(spec),
  };
}

function accessSpec(bytes: Buffer): Json {
  const spec = fieldsIn(bytes);
  const resource = spec.get(1);
  const nonResource = spec.get(2);
  return {
    ...(resource
      ? { resourceAttributes: strings(resource, RESOURCE_FIELDS) }
      : {}),
    ...(nonResource
      ? { nonResourceAttributes: strings(nonResource, NON_RESOURCE_FIELDS) }
      : {}),
  };
}

function strings(bytes: Buffer, names: Readonly<Record<number, string>>): Json {
  return Object.fromEntries(
    [...fieldsIn(bytes)]
      .filter(([number, value]) => names[number] && value.length > 0)
      .map(([number, value]) => [names[number], value.toString('utf8')]),
  );
}

/** Fields of a message that have a length: messages and strings. Others are passed over. */
function fieldsIn(bytes: Buffer): Map<number, Buffer> {
  const fields = new Map<number, Buffer>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= bytes.length || shift > 28) {
        throw badRequest(
          'the body of the request is not protobuf as Kubernetes writes it',
        );
      }
      const byte = bytes[at];
      at += 1;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const wireType = key & 7;
    if (wireType === 2) {
      const length = varint();
      fields.set(key >>> 3, bytes.subarray(at, at + length));
      at += length;
    } else if (wireType === 0) {
      varint();
    } else {
      throw badRequest(
        'the body of the request has a field that is not expected',
      );
    }
  }
  return fields;
}
