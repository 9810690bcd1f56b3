import { parseCron } from '../../argocd/cron';
import { FieldProblem, invalid } from '../ApiError';
import { deepEqual, isObject, Json } from '../json';
import { ResourceType } from '../resources';
import { FieldShape, fieldsOf, typeOfKind } from '../schema/model';
import { matchesSelector } from '../selectors';
import { KubernetesObject } from '../types';

const SUBDOMAIN =
  /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/** Throws 422 naming every problem, as the API server does, for an object that it would not store. */
export function validate(
  resource: ResourceType,
  object: KubernetesObject,
  before?: KubernetesObject,
): void {
  const problems: FieldProblem[] = [...metadataProblems(object)];
  const type = typeOfKind(object.apiVersion, object.kind);
  if (type) {
    requireFields(object, { is: 'object', type }, '', problems);
  }
  problems.push(...kindProblems(object));
  if (before) {
    problems.push(...changeProblems(object, before));
  }
  if (problems.length > 0) {
    throw invalid(resource, object.metadata.name, problems);
  }
}

function required(field: string, detail = ''): FieldProblem {
  return {
    reason: 'FieldValueRequired',
    field,
    message: `Required value${detail ? `: ${detail}` : ''}`,
  };
}

function bad(field: string, value: unknown, detail: string): FieldProblem {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${
      typeof value === 'object' ? goValue(value) : JSON.stringify(value)
    }: ${detail}`,
  };
}

function goValue(value: unknown): string {
  return JSON.stringify(value);
}

function notSupported(
  field: string,
  value: unknown,
  supported: string[],
): FieldProblem {
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${JSON.stringify(
      value,
    )}: supported values: ${supported.map(each => `"${each}"`).join(', ')}`,
  };
}

/** Roles and their bindings, whose names may have colons. */
function isRole({ apiVersion }: KubernetesObject): boolean {
  return apiVersion.startsWith('rbac.authorization.k8s.io/');
}

function metadataProblems(object: KubernetesObject): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const { name, labels, annotations } = object.metadata;
  if (isRole(object)) {
    if (/[/%]/.test(name) || name === '.' || name === '..') {
      problems.push(bad('metadata.name', name, "may not contain '/' or '%'"));
    }
  } else if (!SUBDOMAIN.test(name) || name.length > 253) {
    problems.push(
      bad(
        'metadata.name',
        name,
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ),
    );
  }
  for (const value of Object.values(labels ?? {})) {
    if (!LABEL_VALUE.test(value)) {
      problems.push(
        bad(
          'metadata.labels',
          value,
          "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        ),
      );
    } else if (value.length > 63) {
      problems.push(
        bad('metadata.labels', value, 'must be no more than 63 bytes'),
      );
    }
  }
  const size = Object.entries(annotations ?? {}).reduce(
    (sum, [key, value]) => sum + key.length + value.length,
    0,
  );
  if (size > 256 * 1024) {
    problems.push({
      reason: 'FieldValueTooLong',
      field: 'metadata.annotations',
      message: `Too long: may not be more than ${256 * 1024} bytes`,
    });
  }
  return problems;
}

/** Fields that the type says must be given; status is the server's own. */
function requireFields(
  value: any,
  shape: FieldShape,
  path: string,
  problems: FieldProblem[],
): void {
  if (value === undefined || value === null) {
    return;
  }
  if (shape.is === 'list' && Array.isArray(value)) {
    value.forEach((item, index) =>
      requireFields(item, shape.of, `${path}[${index}]`, problems),
    );
  } else if (shape.is === 'map' && isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      requireFields(item, shape.of, `${path}[${key}]`, problems);
    }
  } else if (shape.is === 'object' && isObject(value)) {
    for (const field of fieldsOf(shape.type)?.values() ?? []) {
      if (
        path === '' &&
        (field.name === 'status' || field.name === 'metadata')
      ) {
        continue;
      }
      const inner = path ? `${path}.${field.name}` : field.name;
      const member = value[field.name];
      const isAbsent =
        member === undefined || (field.required && member === '');
      // A list that must be given may not be empty either, where Kubernetes says so: containers.
      if (
        field.required &&
        (isAbsent || (inner.endsWith('spec.containers') && member.length === 0))
      ) {
        problems.push(required(inner));
      } else {
        requireFields(member, field.shape, inner, problems);
      }
    }
  }
}

function kindProblems(object: KubernetesObject): FieldProblem[] {
  const { spec } = object;
  switch (object.kind) {
    case 'Pod':
      return podProblems(spec ?? {}, 'spec');
    case 'Deployment':
    case 'ReplicaSet':
      return [
        ...workloadProblems(spec ?? {}),
        ...(object.kind === 'Deployment' ? strategyProblems(spec ?? {}) : []),
      ];
    case 'StatefulSet':
    case 'DaemonSet':
      return workloadProblems(spec ?? {});
    case 'Job':
      return jobProblems(spec ?? {});
    case 'CronJob':
      return cronJobProblems(spec ?? {});
    case 'HorizontalPodAutoscaler':
      return spec?.minReplicas > spec?.maxReplicas
        ? [
            bad(
              'spec.maxReplicas',
              spec.maxReplicas,
              'must be greater than or equal to `minReplicas`',
            ),
          ]
        : [];
    case 'Service':
      return (spec?.ports ?? []).length === 0 &&
        spec?.clusterIP !== 'None' &&
        spec?.type !== 'ExternalName'
        ? [required('spec.ports')]
        : [];
    default:
      return [];
  }
}

function workloadProblems(spec: Json): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (spec.replicas < 0) {
    problems.push(
      bad('spec.replicas', spec.replicas, 'must be greater than or equal to 0'),
    );
  }
  const labels = spec.template?.metadata?.labels;
  if (
    spec.selector &&
    spec.template &&
    !matchesSelector(labels, spec.selector)
  ) {
    problems.push(
      bad(
        'spec.template.metadata.labels',
        labels ?? {},
        '`selector` does not match template `labels`',
      ),
    );
  }
  if (spec.template?.spec) {
    // A claim template is a volume of each pod.
    const claims: string[] = (spec.volumeClaimTemplates ?? []).map(
      (claim: Json) => claim.metadata?.name,
    );
    problems.push(
      ...podProblems(spec.template.spec, 'spec.template.spec', claims),
    );
    if (spec.template.spec.restartPolicy !== 'Always') {
      problems.push(
        notSupported(
          'spec.template.spec.restartPolicy',
          spec.template.spec.restartPolicy,
          ['Always'],
        ),
      );
    }
  }
  return problems;
}

function strategyProblems(spec: Json): FieldProblem[] {
  const strategy = spec.strategy ?? {};
  if (!['Recreate', 'RollingUpdate'].includes(strategy.type)) {
    return [
      notSupported('spec.strategy.type', strategy.type, [
        'Recreate',
        'RollingUpdate',
      ]),
    ];
  }
  if (strategy.type === 'Recreate' && strategy.rollingUpdate) {
    return [
      {
        reason: 'FieldValueForbidden',
        field: 'spec.strategy.rollingUpdate',
        message:
          "Forbidden: may not be specified when strategy `type` is 'Recreate'",
      },
    ];
  }
  const { maxSurge, maxUnavailable } = strategy.rollingUpdate ?? {};
  const isZero = (value: unknown) => value === 0 || value === '0%';
  if (isZero(maxSurge) && isZero(maxUnavailable)) {
    return [
      bad(
        'spec.strategy.rollingUpdate.maxUnavailable',
        maxUnavailable,
        'may not be 0 when `maxSurge` is 0',
      ),
    ];
  }
  for (const [name, value] of Object.entries({ maxSurge, maxUnavailable })) {
    if (typeof value === 'string' && !/^[0-9]+%$/.test(value)) {
      return [
        bad(
          `spec.strategy.rollingUpdate.${name}`,
          value,
          "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
        ),
      ];
    }
  }
  return [];
}

function jobProblems(spec: Json): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const pod = spec.template?.spec;
  if (pod) {
    problems.push(...podProblems(pod, 'spec.template.spec'));
    if (!['OnFailure', 'Never'].includes(pod.restartPolicy)) {
      problems.push(
        pod.restartPolicy === 'Always'
          ? notSupported('spec.template.spec.restartPolicy', 'Always', [
              'OnFailure',
              'Never',
            ])
          : required(
              'spec.template.spec.restartPolicy',
              'valid values: "OnFailure", "Never"',
            ),
      );
    }
  }
  return problems;
}

function cronJobProblems(spec: Json): FieldProblem[] {
  if (typeof spec.schedule !== 'string') {
    return [];
  }
  try {
    parseCron(spec.schedule);
    return [];
  } catch (error) {
    return [bad('spec.schedule', spec.schedule, (error as Error).message)];
  }
}

function podProblems(
  spec: Json,
  path: string,
  otherVolumes: readonly string[] = [],
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const names = new Set<string>();
  const volumes = new Set([
    ...(spec.volumes ?? []).map((volume: Json) => volume.name),
    ...otherVolumes,
  ]);
  for (const list of ['initContainers', 'containers']) {
    (spec[list] ?? []).forEach((container: Json, index: number) => {
      const place = `${path}.${list}[${index}]`;
      if (!container.image) {
        problems.push(required(`${place}.image`));
      }
      if (names.has(container.name)) {
        problems.push({
          reason: 'FieldValueDuplicate',
          field: `${place}.name`,
          message: `Duplicate value: ${JSON.stringify(container.name)}`,
        });
      }
      names.add(container.name);
      (container.volumeMounts ?? []).forEach((mount: Json, number: number) => {
        if (!volumes.has(mount.name)) {
          problems.push({
            reason: 'FieldValueNotFound',
            field: `${place}.volumeMounts[${number}].name`,
            message: `Not found: ${JSON.stringify(mount.name)}`,
          });
        }
      });
    });
  }
  return problems;
}

function changeProblems(
  object: KubernetesObject,
  before: KubernetesObject,
): FieldProblem[] {
  const immutable = (field: string, value: unknown) =>
    bad(field, value, 'field is immutable');
  const problems: FieldProblem[] = [];
  const { spec, roleRef } = object;
  if (isRole(object) && !deepEqual(roleRef, before.roleRef)) {
    problems.push(bad('roleRef', roleRef, 'cannot change roleRef'));
  }
  if (
    ['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'].includes(
      object.kind,
    ) &&
    !deepEqual(spec.selector, before.spec.selector)
  ) {
    problems.push(immutable('spec.selector', spec.selector));
  }
  if (
    object.kind === 'Job' &&
    !deepEqual(spec.template, before.spec.template)
  ) {
    problems.push(immutable('spec.template', spec.template));
  }
  if (
    object.kind === 'StatefulSet' &&
    !deepEqual(heldPart(spec), heldPart(before.spec))
  ) {
    problems.push({
      reason: 'FieldValueForbidden',
      field: 'spec',
      message:
        "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    });
  }
  if (
    object.kind === 'Pod' &&
    !deepEqual(fixedPart(spec), fixedPart(before.spec))
  ) {
    problems.push({
      reason: 'FieldValueForbidden',
      field: 'spec',
      message:
        'Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    });
  }
  if (object.immutable !== true && before.immutable === true) {
    problems.push({
      reason: 'FieldValueForbidden',
      field: 'immutable',
      message: 'Forbidden: field is immutable when `immutable` is set',
    });
  }
  if (before.immutable === true && !deepEqual(object.data, before.data)) {
    problems.push({
      reason: 'FieldValueForbidden',
      field: 'data',
      message: 'Forbidden: field is immutable when `immutable` is set',
    });
  }
  return problems;
}

/** What a StatefulSet keeps for life, its selector aside. */
function heldPart({
  serviceName,
  podManagementPolicy,
  volumeClaimTemplates,
}: Json): Json {
  return { serviceName, podManagementPolicy, volumeClaimTemplates };
}

function fixedPart(spec: Json): Json {
  const {
    activeDeadlineSeconds: _,
    tolerations: __,
    nodeName: ___,
    ephemeralContainers: _____,
    ...rest
  } = spec;
  const withoutImages = (containers: Json[] | undefined) =>
    containers?.map(({ image: ____, ...container }) => container);
  return {
    ...rest,
    containers: withoutImages(rest.containers),
    initContainers: withoutImages(rest.initContainers),
  };
}
