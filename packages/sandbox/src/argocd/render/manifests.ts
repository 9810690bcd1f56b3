import { parseAllDocuments } from 'yaml';
import { KubernetesObject } from '../../kubernetes/types';

/** Manifests that cannot be made from what lies in Git; the message is what Argo CD shows as ComparisonError. */
export class RenderError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RenderError';
  }
}

/** Objects of files that were read before: most files of two commits are the same ones. */
const parsed = new WeakMap<Buffer, KubernetesObject[]>();

/**
 * Objects of a YAML or JSON file, which must not be changed, with YAML 1.1's rules as Kubernetes' own parser has them. Lists are taken apart, empty documents left out.
 */
export function parseManifests(
  path: string,
  content: Buffer,
  options: { anyKind?: boolean } = {},
): KubernetesObject[] {
  const known = parsed.get(content);
  if (known && !options.anyKind) {
    return known;
  }
  const documents = parseAllDocuments(content.toString('utf8'), {
    version: '1.1',
  });
  const objects: KubernetesObject[] = [];
  for (const document of Array.isArray(documents) ? documents : []) {
    const [error] = document.errors;
    if (error) {
      const line = error.linePos?.[0].line;
      throw new RenderError(
        `Failed to unmarshal "${path
          .split('/')
          .pop()}": error converting YAML to JSON: yaml: ${
          line ? `line ${line}: ` : ''
        }${error.message.split('\n')[0]}`,
      );
    }
    const value = document.toJS();
    if (value === null || value === undefined) {
      continue;
    }
    if (options.anyKind) {
      objects.push(value);
    } else if (value.kind === 'List' && Array.isArray(value.items)) {
      objects.push(...value.items);
    } else if (
      typeof value.kind !== 'string' ||
      typeof value.apiVersion !== 'string' ||
      typeof value.metadata?.name !== 'string'
    ) {
      throw new RenderError(
        `Failed to unmarshal "${path
          .split('/')
          .pop()}": Object 'Kind' is missing in '${JSON.stringify(value)}'`,
      );
    } else {
      objects.push(value);
    }
  }
  if (!options.anyKind) {
    parsed.set(content, objects);
  }
  return objects;
}
