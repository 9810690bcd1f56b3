import { ParsedYaml } from './parseYaml';
import { YamlPath } from './replaceScalar';

/** A container's image in a manifest. */
export interface ManifestContainer {
  path: YamlPath;
  image: string;
  container: string;
  list: 'containers' | 'initContainers';
  owner: ManifestObject;
}

/** What a document says of itself. */
export interface ManifestObject {
  kind: string;
  name: string;
  namespace?: string;
  /** Whom it belongs to by its labels. */
  service?: string;
  /** `PreSync`, `Sync` … for hooks of Argo CD. */
  hooks: string[];
}

/** Where kinds keep their pod template. */
const POD_SPECS: Record<string, string[]> = {
  Pod: ['spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  Rollout: ['spec', 'template', 'spec'],
};
const NAMES_WORKLOAD = new RegExp(
  `kind["']?\\s*:\\s*["']?(${Object.keys(POD_SPECS).join('|')}|\\w*List)\\b`,
);
/** Parsing what is smaller is quick, and tells whether Argo CD could read it. */
const BULK_LENGTH = 100_000;
const SERVICE_LABELS = [
  'backstage.io/kubernetes-id',
  'app.kubernetes.io/name',
  'app',
];

/** Whether a file is so large that it is not worth parsing when no workload stands in it, as in definitions of custom resources, and none does. */
export function isBulk(text: string): boolean {
  return text.length > BULK_LENGTH && !NAMES_WORKLOAD.test(text);
}

/**
 * All containers and init containers of the workloads in a file, lists of objects included.
 */
export function findContainers(parsed: ParsedYaml): ManifestContainer[] {
  return parsed.values.flatMap((value, document) =>
    containersOf(value, { document, keys: [] }),
  );
}

function containersOf(value: unknown, at: YamlPath): ManifestContainer[] {
  if (!isRecord(value) || typeof value.kind !== 'string') return [];
  if (value.kind.endsWith('List') && Array.isArray(value.items)) {
    return value.items.flatMap((item, index) =>
      containersOf(item, { ...at, keys: [...at.keys, 'items', index] }),
    );
  }
  const keys = POD_SPECS[value.kind];
  const spec = keys?.reduce<unknown>(
    (inner, key) => (isRecord(inner) ? inner[key] : undefined),
    value,
  );
  if (!isRecord(spec)) return [];
  const owner = describeObject(value);
  return (['initContainers', 'containers'] as const).flatMap(list => {
    const containers = spec[list];
    if (!Array.isArray(containers)) return [];
    return containers.flatMap((container, index): ManifestContainer[] => {
      if (!isRecord(container) || typeof container.image !== 'string')
        return [];
      return [
        {
          path: { ...at, keys: [...at.keys, ...keys, list, index, 'image'] },
          image: container.image,
          container:
            typeof container.name === 'string'
              ? container.name
              : `#${index + 1}`,
          list,
          owner,
        },
      ];
    });
  });
}

function describeObject(value: Record<string, unknown>): ManifestObject {
  const metadata = isRecord(value.metadata) ? value.metadata : {};
  const labels = isRecord(metadata.labels) ? metadata.labels : {};
  const annotations = isRecord(metadata.annotations)
    ? metadata.annotations
    : {};
  const hooks =
    annotations['argocd.argoproj.io/hook'] ?? annotations['helm.sh/hook'];
  return {
    kind: String(value.kind),
    name:
      textOf(metadata.name) ??
      (textOf(metadata.generateName) ? `${metadata.generateName}…` : '?'),
    namespace: textOf(metadata.namespace),
    service: SERVICE_LABELS.map(label => textOf(labels[label])).find(
      text => text !== undefined,
    ),
    hooks: (textOf(hooks) ?? '')
      .split(',')
      .map(hook => hook.trim())
      .filter(hook => hook !== ''),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
