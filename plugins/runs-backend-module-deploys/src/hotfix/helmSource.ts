import { PlanProblem } from '@switchyard/backstage-plugin-runs-common';
import { ApplicationRow, ApplicationSource } from '@switchyard/fleet-node';
import { parse } from 'yaml';
import {
  HelmSource,
  ManifestFiles,
  repositoryPath,
  ValueFile,
} from '../manifests';
import { parseValuePath } from './valuePath';

/** Opens the repository of one of the Application's sources at the branch that it follows. */
export type OpenFiles = (sourceIndex: number) => Promise<ManifestFiles>;

/** A file of values that an Application names, before anything is read. */
export type NamedValueFile =
  | { sourceIndex: number; file: string }
  | { unreadable: string };

/**
 * Where the values of an Application's source are: files beside the chart, and files of other sources by their `ref`.
 */
export async function readHelmSource(
  application: ApplicationRow,
  sourceIndex: number,
  open: OpenFiles,
): Promise<HelmSource | Omit<PlanProblem, 'ref'>> {
  const source = application.sources[sourceIndex];
  const helm = source.helm ?? {};
  const folder = chartFolder(source);
  const valueFiles: ValueFile[] = [];
  for (const named of namedValueFiles(application, sourceIndex)) {
    if ('unreadable' in named) valueFiles.push(named);
    else
      valueFiles.push({
        source: named.sourceIndex,
        files: await open(named.sourceIndex),
        file: named.file,
        optional: helm.ignoreMissingValueFiles === true,
      });
  }
  const inline = readInline(helm);
  if (inline instanceof Error)
    return {
      what: 'The values in the Application cannot be read',
      why: `spec.source.helm.values: ${inline.message}`,
    };
  return {
    ...(folder !== undefined && {
      chart: {
        source: sourceIndex,
        files: await open(sourceIndex),
        folder,
      },
    }),
    valueFiles,
    inline,
    parameters: (helm.parameters ?? []).map(({ name, value }) => ({
      path: parseValuePath(name),
      value,
    })),
  };
}

/** The chart's folder in Git; undefined for one of a Helm repository. */
export function chartFolder(source: ApplicationSource): string | undefined {
  return source.chart === undefined
    ? repositoryPath(source.path ?? '')
    : undefined;
}

/** The files of values that a source names, in their order. */
export function namedValueFiles(
  application: Pick<ApplicationRow, 'name' | 'namespace' | 'sources'>,
  sourceIndex: number,
): NamedValueFile[] {
  const source = application.sources[sourceIndex];
  const folder = chartFolder(source);
  return (source.helm?.valueFiles ?? []).map((written): NamedValueFile => {
    const file = written
      .replace(/\$\{ARGOCD_APP_NAME\}|\$ARGOCD_APP_NAME\b/g, application.name)
      .replace(
        /\$\{ARGOCD_APP_NAMESPACE\}|\$ARGOCD_APP_NAMESPACE\b/g,
        application.namespace,
      );
    const unreadable = { unreadable: written };
    if (file.includes('://') || /[*?[{]/.test(file)) return unreadable;
    const referenced = /^\$([^/]+)\/(.+)$/.exec(file);
    const index = referenced
      ? application.sources.findIndex(({ ref }) => ref === referenced[1])
      : sourceIndex;
    if (index < 0 || (!referenced && folder === undefined)) return unreadable;
    const path = referenced
      ? repositoryPath(referenced[2])
      : repositoryPath(...(file.startsWith('/') ? [file] : [folder!, file]));
    return path === undefined ? unreadable : { sourceIndex: index, file: path };
  });
}

// Argo CD takes valuesObject where both are given.
function readInline(helm: NonNullable<ApplicationSource['helm']>): unknown {
  if (helm.valuesObject !== undefined) return helm.valuesObject;
  if (!helm.values) return undefined;
  try {
    return parse(helm.values) as unknown;
  } catch (error) {
    return error as Error;
  }
}
