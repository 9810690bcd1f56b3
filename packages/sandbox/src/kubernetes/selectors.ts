import { badRequest } from './ApiError';
import { Json } from './json';
import { ResourceType } from './resources';
import { KubernetesObject } from './types';

type Labels = Readonly<Record<string, string>>;

/** Whether labels carry all that is asked for. */
export function hasLabels(
  labels: Labels | undefined,
  wanted: Labels | undefined,
): boolean {
  return Object.entries(wanted ?? {}).every(
    ([key, value]) => labels?.[key] === value,
  );
}

/** A `LabelSelector` as specs hold it. One that is absent selects nothing, an empty one everything. */
export function matchesSelector(
  labels: Labels | undefined,
  selector: Json | undefined,
): boolean {
  if (!selector) {
    return false;
  }
  return (
    hasLabels(labels, selector.matchLabels) &&
    (selector.matchExpressions ?? []).every((expression: Json) =>
      matchesExpression(
        labels ?? {},
        expression.key,
        expression.operator,
        expression.values ?? [],
      ),
    )
  );
}

function matchesExpression(
  labels: Labels,
  key: string,
  operator: string,
  values: string[],
): boolean {
  const present = Object.hasOwn(labels, key);
  switch (operator) {
    case 'In':
      return present && values.includes(labels[key]);
    case 'NotIn':
      return !present || !values.includes(labels[key]);
    case 'Exists':
      return present;
    case 'DoesNotExist':
      return !present;
    case 'Gt':
      return present && Number(labels[key]) > Number(values[0]);
    case 'Lt':
      return present && Number(labels[key]) < Number(values[0]);
    default:
      return false;
  }
}

export type Match = (object: KubernetesObject) => boolean;

const LABEL_KEY =
  /^([a-z0-9A-Z]([-a-z0-9A-Z_.]*[a-z0-9A-Z])?\/)?[a-z0-9A-Z]([-a-z0-9A-Z_.]*[a-z0-9A-Z])?$/;
const LABEL_VALUE = /^([a-z0-9A-Z]([-a-z0-9A-Z_.]*[a-z0-9A-Z])?)?$/;

/** The `labelSelector` of a query: `app=orders,tier!=web,zone in (a,b),!canary`. Throws 400 for what does not parse. */
export function parseLabelSelector(text: string): Match {
  const expressions = splitOutsideBrackets(text).map(part => {
    const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
    if (set) {
      return {
        key: set[1],
        operator: set[2] === 'in' ? 'In' : 'NotIn',
        values: set[3].split(',').map(value => value.trim()),
      };
    }
    const equality = /^([^=!<>\s]+)\s*(==|=|!=|>|<)\s*(\S*)$/.exec(part);
    if (equality) {
      const operators: Record<string, string> = {
        '!=': 'NotIn',
        '>': 'Gt',
        '<': 'Lt',
      };
      return {
        key: equality[1],
        operator: operators[equality[2]] ?? 'In',
        values: [equality[3]],
      };
    }
    const absent = /^!\s*(\S+)$/.exec(part);
    return absent
      ? { key: absent[1], operator: 'DoesNotExist', values: [] }
      : { key: part, operator: 'Exists', values: [] };
  });
  for (const { key, values } of expressions) {
    if (
      !LABEL_KEY.test(key) ||
      values.some(value => !LABEL_VALUE.test(value) || value.length > 63)
    ) {
      throw badRequest(
        `unable to parse requirement: "${text}" is not a valid label selector`,
      );
    }
  }
  return object =>
    expressions.every(({ key, operator, values }) =>
      matchesExpression(object.metadata.labels ?? {}, key, operator, values),
    );
}

function splitOutsideBrackets(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const char of text) {
    if (char === '(') {
      depth += 1;
    } else if (char === ')') {
      depth -= 1;
    }
    if (char === ',' && depth === 0) {
      parts.push(part);
      part = '';
    } else {
      part += char;
    }
  }
  parts.push(part);
  return parts.map(each => each.trim()).filter(Boolean);
}

type FieldReader = (object: KubernetesObject) => string;

const EVENT_FIELDS: Record<string, FieldReader> = {
  ...Object.fromEntries(
    [
      'kind',
      'namespace',
      'name',
      'uid',
      'apiVersion',
      'resourceVersion',
      'fieldPath',
    ].map((field): [string, FieldReader] => [
      `involvedObject.${field}`,
      event => event.involvedObject?.[field] ?? '',
    ]),
  ),
  reason: event => event.reason ?? '',
  reportingComponent: event =>
    event.reportingComponent || event.source?.component || '',
  source: event => event.source?.component || event.reportingComponent || '',
  type: event => event.type ?? '',
};

const FIELDS: Readonly<Record<string, Record<string, FieldReader>>> = {
  Pod: {
    'spec.nodeName': pod => pod.spec?.nodeName ?? '',
    'spec.restartPolicy': pod => pod.spec?.restartPolicy ?? '',
    'spec.schedulerName': pod => pod.spec?.schedulerName ?? '',
    'spec.serviceAccountName': pod => pod.spec?.serviceAccountName ?? '',
    'spec.hostNetwork': pod => String(pod.spec?.hostNetwork ?? false),
    'status.phase': pod => pod.status?.phase ?? '',
    'status.podIP': pod => pod.status?.podIP ?? '',
    'status.nominatedNodeName': pod => pod.status?.nominatedNodeName ?? '',
  },
  Event: EVENT_FIELDS,
  Namespace: { 'status.phase': namespace => namespace.status?.phase ?? '' },
  Node: {
    'spec.unschedulable': node => String(node.spec?.unschedulable ?? false),
  },
  Secret: { type: secret => secret.type ?? '' },
  Job: { 'status.successful': job => String(job.status?.succeeded ?? 0) },
  ReplicaSet: { 'status.replicas': set => String(set.status?.replicas ?? 0) },
  Service: {
    'spec.clusterIP': service => service.spec?.clusterIP ?? '',
    'spec.type': service => service.spec?.type ?? '',
  },
};

/** The `fieldSelector` of a query. Throws 400 for a field that the kind does not support. */
export function parseFieldSelector(
  resource: ResourceType,
  text: string,
): Match {
  const terms = text
    .split(',')
    .map(term => term.trim())
    .filter(Boolean)
    .map(term => {
      const match = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/.exec(term);
      if (!match) {
        throw badRequest(
          `invalid field selector: "${term}"; can't understand "${term}"`,
        );
      }
      const [, field, operator, value] = match;
      return {
        read: readerOf(resource, field),
        equal: operator !== '!=',
        value,
      };
    });
  return object =>
    terms.every(({ read, equal, value }) => (read(object) === value) === equal);
}

function readerOf(resource: ResourceType, field: string): FieldReader {
  if (field === 'metadata.name') {
    return object => object.metadata.name;
  }
  if (field === 'metadata.namespace' && resource.namespaced) {
    return object => object.metadata.namespace ?? '';
  }
  // Events of events.k8s.io are selected by the names that the group's own fields have.
  const stored =
    resource.group === 'events.k8s.io'
      ? field.replace(/^regarding\./, 'involvedObject.')
      : field;
  const reader = FIELDS[resource.kind]?.[stored];
  if (!reader) {
    throw badRequest(
      `Unable to find "${resource.group || ''}/${resource.version}, Resource=${
        resource.plural
      }" that match label selector "", field selector "${field}": field label not supported: ${field}`,
    );
  }
  return reader;
}
