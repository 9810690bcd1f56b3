import {
  OverrideEntry,
  OverridePlace,
  parseImageReference,
} from '@switchyard/backstage-plugin-deploys-node';
import { PlanProblem } from '@switchyard/backstage-plugin-runs-common';
import { Application, ApplicationSource } from '@switchyard/fleet-node';
import { HotfixTarget } from '../hotfix/findTargets';
import { isWanted } from '../manifests';
import { describePath } from '../manifests/valuePlaces';
import { titleOf } from '../operations/applicationTargets';
import { findKustomizeImage, nameOfImage, sourcesOf } from './imageOverride';

/** Where the version of an Application can be overridden, and by what. */
export interface FoundPlace {
  place: OverridePlace;
  entry: OverrideEntry;
}

/**
 * Where an Application itself can say which image runs: an image of kustomize, or a parameter of Helm. Argo CD's word counts for how it is built.
 */
export function findPlace(
  { deployment, wanted, tag, helmValue }: HotfixTarget,
  full: Application,
): FoundPlace | { problem: PlanProblem } {
  const ref = titleOf(deployment.application);
  const { name } = deployment.application;
  const refuse = (what: string, why: string) => ({
    problem: { what, why, ref },
  });
  const built = sourcesOf(full.spec).flatMap((source, index) => {
    const tool = toolOf(source, index, full);
    // One that only lends its files to another is not deployed.
    return source.ref && !source.path && !source.chart
      ? []
      : [{ source, index, tool }];
  });
  if (built.length > 1)
    return refuse(
      'Several sources',
      `${name} is deployed from ${built.length} sources; which of them names the image cannot be told without Git`,
    );
  const [
    { source, index, tool } = { source: undefined, index: 0, tool: undefined },
  ] = built;
  const running = deployment.version.images.find(({ image }) =>
    isWanted(image, wanted),
  )?.image;
  if (source && tool === 'kustomize') {
    const known = findKustomizeImage(source, wanted.repository);
    const called = known ? nameOfImage(known) : running && nameOfImage(running);
    if (!called)
      return refuse(
        'The image is not known',
        `Nothing of ${name} runs that would tell how its manifests call the image`,
      );
    return {
      place: { source: index, tool, name: called },
      entry:
        known !== undefined && known.includes('=')
          ? `${called}=${wanted.repository}:${tag}`
          : `${called}:${tag}`,
    };
  }
  if (source && tool === 'helm') {
    const parameter =
      helmValue !== undefined
        ? describePath(helmValue)
        : findTagValue(source, running && parseImageReference(running)?.tag);
    if (parameter === undefined)
      return refuse(
        'The value is not known',
        `Which value of the chart holds the tag cannot be told without Git; add the annotation switchyard/helm-value to the component, e.g. image.tag`,
      );
    return {
      place: { source: index, tool, name: parameter },
      entry: {
        name: parameter,
        value: /tag$/i.test(parameter) ? tag : `${wanted.repository}:${tag}`,
        // A tag such as 1.10 is no number.
        forceString: true,
      },
    };
  }
  return refuse(
    'Argo CD cannot override it',
    `${name} is deployed from plain manifests or by a plugin: only a kustomization or a chart takes an image from the Application`,
  );
}

function toolOf(
  source: ApplicationSource,
  index: number,
  { spec, status }: Application,
): OverridePlace['tool'] | undefined {
  const said = spec.sources?.length
    ? status?.sourceTypes?.[index]
    : status?.sourceType;
  if (said === 'Helm' || source.chart) return 'helm';
  return said === 'Kustomize' ? 'kustomize' : undefined;
}

/** The parameter or value of the Application itself that holds the tag that runs, if it is the only one. */
function findTagValue(
  { helm }: ApplicationSource,
  tag: string | undefined,
): string | undefined {
  if (tag === undefined) return undefined;
  const parameters = (helm?.parameters ?? [])
    .filter(({ name, value }) => value === tag && /tag$/i.test(name))
    .map(({ name }) => name);
  const values = tagPaths(helm?.valuesObject, tag, []);
  const found = new Set([...parameters, ...values]);
  const [only] = found;
  return found.size === 1 ? only : undefined;
}

function tagPaths(
  value: unknown,
  tag: string,
  path: Array<string | number>,
): string[] {
  if (value === tag)
    return /tag$/i.test(String(path.at(-1))) ? [describePath(path)] : [];
  if (Array.isArray(value))
    return value.flatMap((each, index) =>
      tagPaths(each, tag, [...path, index]),
    );
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    tagPaths(each, tag, [...path, key]),
  );
}
