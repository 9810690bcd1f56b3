import { JsonObject } from '@backstage/types';

/** Says which run has set the present images of a workload, and which ones these took the place of. */
const SHIPPED = 'switchyard/image-set';

/** What a run has left on the workload whose images it has set. */
export interface ShippedImage {
  /** Id of the run. */
  run: string;
  /** ISO time, by the clock of the portal. */
  at: string;
  /** Images by container. */
  before: Readonly<Record<string, string>>;
  after: Readonly<Record<string, string>>;
}

/** The annotation that says it. */
export function shippedAnnotation(shipped: ShippedImage): JsonObject {
  return { [SHIPPED]: JSON.stringify(shipped) };
}

/** What the last run has left on a workload; undefined where there was none, or somebody has written something else there. */
export function readShipped(object: JsonObject): ShippedImage | undefined {
  const written = (object as any).metadata?.annotations?.[SHIPPED];
  if (typeof written !== 'string') return undefined;
  try {
    const { run, at, before, after } = JSON.parse(written);
    return typeof run === 'string' &&
      typeof at === 'string' &&
      isImages(before) &&
      isImages(after)
      ? { run, at, before, after }
      : undefined;
  } catch {
    return undefined;
  }
}

function isImages(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every(image => typeof image === 'string')
  );
}
