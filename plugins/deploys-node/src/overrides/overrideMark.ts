/** A parameter that Argo CD hands to Helm. @public */
export type HelmParameter = {
  name: string;
  value: string;
  forceString?: boolean;
};

/** Where an Application itself can say which image runs. @public */
export type OverridePlace = {
  /** Index of its source. */
  source: number;
  tool: 'kustomize' | 'helm';
  /** Of the image, as manifests write it; of the Helm parameter. */
  name: string;
};

/** An entry of an Application that wins over Git: an image of kustomize, or a parameter of Helm. @public */
export type OverrideEntry = string | HelmParameter;

/** What a run that has overridden the version of an Application has left in it. @public */
export type OverrideMark = OverridePlace & {
  /** Id and number of the run. */
  run: string;
  number: number;
  /** ISO time, by the clock of the portal. */
  at: string;
  version: string;
  entry: OverrideEntry;
  /** What stood there before the first override; null for nothing. */
  before: OverrideEntry | null;
  /** The version that ran before the first override; null where that is not known. */
  was: string | null;
};

/**
 * The annotation of an Application that holds an {@link OverrideMark}, as JSON.
 *
 * @public
 */
export const OVERRIDE = 'switchyard/override';

/**
 * What the last override has left in an Application; undefined where there is none, or what is written is no run's.
 *
 * @public
 */
export function readOverride(
  annotations: Readonly<Record<string, string>> | undefined,
): OverrideMark | undefined {
  const written = annotations?.[OVERRIDE];
  if (written === undefined) return undefined;
  try {
    const mark = JSON.parse(written);
    const isMark =
      typeof mark?.run === 'string' &&
      typeof mark.number === 'number' &&
      typeof mark.at === 'string' &&
      typeof mark.version === 'string' &&
      typeof mark.source === 'number' &&
      ['kustomize', 'helm'].includes(mark.tool) &&
      typeof mark.name === 'string' &&
      isEntry(mark.entry) &&
      (mark.before === null || isEntry(mark.before));
    return isMark ? mark : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is OverrideEntry {
  if (typeof value === 'string') return true;
  const { name, value: set } = (value ?? {}) as Partial<HelmParameter>;
  return typeof name === 'string' && typeof set === 'string';
}
