import { JsonObject } from '@backstage/types';

/** What of a container matters here. */
interface TemplateContainer {
  name: string;
  image: string;
}

type ContainerList = 'containers' | 'initContainers';

/** Its template is one of Jobs, which hold one of pods. */
const CRON_JOB = 'CronJob';
const LISTS: readonly ContainerList[] = ['containers', 'initContainers'];

/** The images that a workload's template names, by container; init containers among them. */
export function imagesOf(
  kind: string,
  object: JsonObject,
): ReadonlyMap<string, string> {
  const spec = podSpecOf(kind, object);
  return new Map(
    LISTS.flatMap(list =>
      (spec?.[list] ?? []).map(
        ({ name, image }) => [name, image] as [string, string],
      ),
    ),
  );
}

/**
 * A merge patch that gives containers of a workload other images and leaves all else of them as it is. It holds the whole lists, as such a patch replaces them: it
 * must rest on the version that the object is of.
 *
 * @param images - by container
 */
export function patchOfImages(
  kind: string,
  object: JsonObject,
  images: ReadonlyMap<string, string>,
): JsonObject {
  const spec = podSpecOf(kind, object);
  const lists: JsonObject = {};
  for (const list of LISTS) {
    const containers = spec?.[list] ?? [];
    if (containers.some(({ name }) => images.has(name)))
      lists[list] = containers.map(container => ({
        ...container,
        image: images.get(container.name) ?? container.image,
      }));
  }
  const template = { template: { spec: lists } };
  return {
    spec: kind === CRON_JOB ? { jobTemplate: { spec: template } } : template,
  };
}

function podSpecOf(
  kind: string,
  object: JsonObject,
): Partial<Record<ContainerList, TemplateContainer[]>> | undefined {
  const { spec } = object as { spec?: any };
  return (kind === CRON_JOB ? spec?.jobTemplate?.spec : spec)?.template?.spec;
}
