import { BoundedFiles, TooMuchToReadError } from './BoundedFiles';
import { conclude, describeFlaw, describeWanted, failed } from './conclude';
import { FoundValue, HelmValues } from './helmValues';
import { FoundPlace } from './imagePlaces';
import { isFlaw, ParsedYaml, parseYaml } from './parseYaml';
import { readChartValues } from './readChart';
import { isInside } from './repositoryPath';
import {
  ImageSearch,
  ManifestFiles,
  ManifestProblem,
  WantedImage,
} from './types';
import {
  describePath,
  placeInValues,
  valueId,
  ValuePath,
  valueAt,
} from './valuePlaces';

/** A file of values, in the order in which Helm takes them. */
export type ValueFile =
  | {
      /** Index of the Application's source in whose repository it is. */
      source: number;
      files: ManifestFiles;
      file: string;
      /** It need not be there. */
      optional: boolean;
    }
  /** One that is not in Git. */
  | { unreadable: string };

/** Where a chart and its values are. */
export interface HelmSource {
  /** Undefined for a chart from a Helm repository: its own values are not known. */
  chart?: { source: number; files: ManifestFiles; folder: string };
  valueFiles: readonly ValueFile[];
  /** Of the Application itself, which win over files: `valuesObject` or `values`, then parameters. */
  inline?: unknown;
  parameters: ReadonlyArray<{ path: ValuePath; value: string }>;
}

/** What is looked for in a chart. */
export interface HelmQuestion {
  wanted: WantedImage;
  /** The value that holds the tag or the image, where the component says so. */
  named?: ValuePath;
  /** Tags of the image that run now. */
  running: ReadonlySet<string>;
}

/** A value in the Application itself that decides. */
export interface InlineValue {
  /** `parameter`: an entry of `helm.parameters`; `values`: of `helm.valuesObject` or `helm.values`. */
  kind: 'parameter' | 'values';
  role: FoundValue<unknown>['role'];
  path: ValuePath;
  text: string;
}

export type HelmSearch =
  | Extract<ImageSearch, { found: false }>
  | (Extract<ImageSearch, { found: true }> & { source: number })
  | { found: 'inline'; values: InlineValue[] };

/** Where a value of the merged ones stands. */
type Origin =
  | {
      kind: 'file';
      source: number;
      file: string;
      parsed: ParsedYaml;
      /** Keys of the merged values that the file does not have: those of its subchart. */
      depth: number;
      layer: number;
      /** A file that others may use too. */
      isForeign: boolean;
    }
  | { kind: 'parameter' | 'values'; layer: number };

/**
 * Finds which value of a chart decides which image runs. Templates are not rendered: a value counts that names the image's repository beside it, or that the
 * component names, or the only tag that runs now.
 */
export async function searchHelm(
  source: HelmSource,
  question: HelmQuestion,
): Promise<HelmSearch> {
  try {
    return await search(source, question);
  } catch (error) {
    if (error instanceof TooMuchToReadError) return failed(error.problem);
    throw error;
  }
}

async function search(
  source: HelmSource,
  question: HelmQuestion,
): Promise<HelmSearch> {
  const problems: ManifestProblem[] = [];
  const values = HelmValues.create<Origin>();
  let layer = 0;
  // A layer that cannot be read may say anything about what came before it.
  const unread: Array<{ layer: number; what: string }> = [];
  if (source.chart) {
    const { files, folder, source: index } = source.chart;
    for (const own of await readChartValues(
      BoundedFiles.create({ files, folder }),
      folder,
      problems,
    )) {
      values.add({
        origin: {
          kind: 'file',
          source: index,
          file: own.file,
          parsed: own.parsed,
          depth: own.keys.length,
          layer,
          isForeign: !isInside(own.file, folder),
        },
        values: own.keys.reduceRight<unknown>(
          (inner, key) => ({ [key]: inner }),
          own.parsed.values[0],
        ),
      });
    }
  }
  for (const each of source.valueFiles) {
    layer += 1;
    if ('unreadable' in each) {
      unread.push({ layer, what: each.unreadable });
      continue;
    }
    const parsed = await readValues(each, problems);
    if (parsed)
      values.add({
        origin: {
          kind: 'file',
          source: each.source,
          file: each.file,
          parsed,
          depth: 0,
          layer,
          isForeign: false,
        },
        values: parsed.values[0],
      });
  }
  if (problems.length > 0) return { found: false, problems };
  layer += 1;
  values.add({ origin: { kind: 'values', layer }, values: source.inline });
  for (const { path, value } of source.parameters) {
    layer += 1;
    values.set(path, value, { kind: 'parameter', layer });
  }
  const found = choose(values, question);
  if (!Array.isArray(found)) return failed(found);
  const hidden = unread.find(({ layer: at }) =>
    found.some(({ origin }) => origin.layer < at),
  );
  if (hidden)
    return failed({
      what: 'A file of values cannot be read',
      why: `${hidden.what} comes after the values that name the image and may say something else; only files in Git are read`,
    });
  return toSearch(found, question);
}

function choose(
  values: HelmValues<Origin>,
  { wanted, named, running }: HelmQuestion,
): FoundValue<Origin>[] | ManifestProblem {
  if (named) {
    const found = values.findAt(named, wanted);
    return found.length > 0
      ? found
      : {
          what: 'The value is not there',
          why: `switchyard/helm-value names ${describePath(
            named,
          )}, which no values set`,
        };
  }
  const { found, untagged } = values.findImages(wanted);
  const [first] = untagged;
  if (first)
    return {
      what: 'No tag is set',
      why: `The values at ${
        describePath(first.path) || 'the top'
      } name ${describeWanted(
        wanted,
      )} and no tag, so the chart itself decides; set ${describePath([
        ...first.path,
        'tag',
      ])}`,
    };
  if (found.length > 0) return found;
  const lone = values.findLoneTags(running);
  if (lone.length === 1) return lone;
  return {
    what: 'The image is in no values',
    why: `${
      lone.length === 0
        ? `No value names ${describeWanted(wanted)}`
        : `Several values may be the tag of ${describeWanted(wanted)}: ${lone
            .map(({ path }) => describePath(path))
            .join(', ')}`
    }; say which value holds its tag with the component's annotation switchyard/helm-value, e.g. image.tag`,
  };
}

function toSearch(
  found: readonly FoundValue<Origin>[],
  { wanted }: HelmQuestion,
): HelmSearch {
  const inline = found.flatMap(({ origin, role, path, text }): InlineValue[] =>
    origin.kind === 'file' ? [] : [{ kind: origin.kind, role, path, text }],
  );
  if (inline.length === found.length)
    return { found: 'inline', values: inline };
  if (inline.length > 0)
    return failed({
      what: 'The image is set in two places',
      why: `Values of it stand in the Application (${inline
        .map(({ path }) => describePath(path))
        .join(', ')}) and in files; keep them in one`,
    });
  const places: FoundPlace[] = [];
  const sources = new Set<number>();
  for (const { role, path, origin } of found) {
    if (origin.kind !== 'file') continue;
    if (origin.isForeign)
      return failed({
        what: 'The image is set outside of the path',
        why: `${
          origin.file
        } names it, which other charts may use too; set ${describePath(
          path,
        )} in the values of the Application`,
        ref: origin.file,
      });
    sources.add(origin.source);
    const inFile = path.slice(origin.depth);
    // A list that a merge or an anchor has brought there is looked at as the text has it.
    if (valueAt(origin.parsed.values[0], inFile) === undefined) continue;
    places.push(
      ...placeInValues(
        origin.file,
        origin.parsed,
        valueId(role, inFile),
        wanted,
      ),
    );
  }
  const [only] = sources;
  if (sources.size > 1 || places.length !== found.length)
    return failed({
      what: 'The image is set in two places',
      why: 'Its values stand in files of several repositories; keep them in one',
    });
  const concluded = conclude(places, []);
  return concluded.found ? { ...concluded, source: only } : concluded;
}

async function readValues(
  { files, file, optional }: Extract<ValueFile, { file: string }>,
  problems: ManifestProblem[],
): Promise<ParsedYaml | undefined> {
  const text = await BoundedFiles.create({ files, folder: file }).read(file);
  if (text === undefined) {
    if (!optional)
      problems.push({
        what: 'A file is not there',
        why: `The Application names the values ${file}, which the repository does not have`,
        ref: file,
      });
    return undefined;
  }
  const parsed = parseYaml(text);
  if (!isFlaw(parsed)) return parsed;
  problems.push(describeFlaw(file, parsed));
  return undefined;
}
