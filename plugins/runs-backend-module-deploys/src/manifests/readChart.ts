import { BoundedFiles } from './BoundedFiles';
import { describeFlaw } from './conclude';
import { isRecord } from './containers';
import { isFlaw, ParsedYaml, parseYaml } from './parseYaml';
import { repositoryPath } from './repositoryPath';
import { ManifestProblem } from './types';

/** Umbrella charts of umbrella charts exist; deeper ones do not. */
const MAX_DEPTH = 4;

/** A chart's own values. */
export interface ChartValues {
  file: string;
  /** Under which keys of the whole chart's values they stand: the alias of each subchart on the way. */
  keys: readonly string[];
  parsed: ParsedYaml;
}

/**
 * The default values of a chart in Git and of those of its subcharts that are there as folders, innermost first: what comes later wins. Archives and charts
 * of other repositories are not read.
 */
export async function readChartValues(
  files: BoundedFiles,
  folder: string,
  problems: ManifestProblem[],
  keys: readonly string[] = [],
): Promise<ChartValues[]> {
  const found: ChartValues[] = [];
  if (keys.length < MAX_DEPTH) {
    for (const { path, alias } of await subcharts(files, folder, problems))
      found.push(
        ...(await readChartValues(files, path, problems, [...keys, alias])),
      );
  }
  const file = repositoryPath(folder, 'values.yaml')!;
  const parsed = await readYaml(files, file, problems);
  if (parsed) found.push({ file, keys, parsed });
  return found;
}

async function subcharts(
  files: BoundedFiles,
  folder: string,
  problems: ManifestProblem[],
): Promise<Array<{ path: string; alias: string }>> {
  const chart = await readYaml(
    files,
    repositoryPath(folder, 'Chart.yaml')!,
    problems,
  );
  const dependencies = dependenciesOf(chart?.values[0]);
  const vendored = repositoryPath(folder, 'charts')!;
  const found: Array<{ path: string; alias: string }> = [];
  for (const { name, alias, repository } of dependencies) {
    const local = /^file:\/\/(.+)$/.exec(repository)?.[1];
    const candidates = [
      repositoryPath(vendored, name),
      local === undefined ? undefined : repositoryPath(folder, local),
    ];
    for (const path of candidates) {
      if (path === undefined) continue;
      const inside = await files.list(path, { recursive: false });
      if (!inside?.some(entry => entry.path === `${path}/Chart.yaml`)) continue;
      found.push({ path, alias });
      break;
    }
  }
  return found;
}

function dependenciesOf(
  chart: unknown,
): Array<{ name: string; alias: string; repository: string }> {
  const list = isRecord(chart) ? chart.dependencies : undefined;
  if (!Array.isArray(list)) return [];
  return list.flatMap(entry => {
    if (!isRecord(entry) || typeof entry.name !== 'string') return [];
    const { name, alias, repository } = entry;
    return [
      {
        name,
        alias: typeof alias === 'string' && alias !== '' ? alias : name,
        repository: typeof repository === 'string' ? repository : '',
      },
    ];
  });
}

async function readYaml(
  files: BoundedFiles,
  file: string,
  problems: ManifestProblem[],
): Promise<ParsedYaml | undefined> {
  const text = await files.read(file);
  if (text === undefined) return undefined;
  const parsed = parseYaml(text);
  if (!isFlaw(parsed)) return parsed;
  problems.push(describeFlaw(file, parsed));
  return undefined;
}
