import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import { Change } from '@switchyard/backstage-plugin-runs-common';
import {
  applicationKey,
  describePlaces,
} from '../operations/applicationTargets';
import { imageOf, TargetEdits } from './planEdits';

/** The keys that exclude other runs from what is edited. */
export function keysOf(
  target: { entity: Entity; environment: string },
  edits: readonly TargetEdits[],
): string[] {
  return [
    `target:${stringifyEntityRef(target.entity)}@${target.environment}`,
    ...edits.map(edit => applicationKey(edit.target.deployment.application)),
  ].sort();
}

/** '2 clusters', or the only one by its name. */
export function describeClusters(edits: readonly TargetEdits[]): string {
  return describePlaces(placesOf(edits));
}

/** Where each of them deploys to. */
export function placesOf(edits: readonly TargetEdits[]): string[] {
  return edits.map(
    ({ target: { deployment } }) =>
      deployment.cluster ?? deployment.unjoined?.destination ?? '',
  );
}

/** Whether Git says something else than what is wanted. */
export function changesFiles({ files }: TargetEdits): boolean {
  return files.some(({ diff }) => diff !== undefined);
}

/** Everything that is meant, nothing of what was before: the hash is taken of this. */
export function describeTargets(edits: readonly TargetEdits[]): JsonObject[] {
  return edits.map(edit => {
    const { target, repository, head, places } = edit;
    const { application, cluster, unjoined } = target.deployment;
    const files = [...new Set(places.map(({ file }) => file))]
      .sort()
      .map(file => ({
        file,
        image: imageOf(edit),
        places: places
          .filter(place => place.file === file)
          .map(({ id }) => id)
          .sort(),
      }));
    return {
      application: {
        instance: application.instance,
        namespace: application.namespace,
        name: application.name,
      },
      cluster: cluster ?? unjoined?.destination ?? null,
      repository: repository.url,
      branch: head.branch,
      files,
    };
  });
}

/** The files and the images that change, for people. */
export function describeChanges(edit: TargetEdits): Change[] {
  const { target, repository, files, affected } = edit;
  const { cluster, unjoined } = target.deployment;
  const where = cluster ?? unjoined?.destination;
  const after = imageOf(edit);
  return [
    ...files
      .filter(({ diff }) => diff !== undefined)
      .map(
        ({ file, diff }): Change => ({
          system: 'git',
          what: `file ${file}`,
          ref: `${repository.name}/${file}`,
          cluster: where,
          diff,
        }),
      ),
    ...affected.map(({ kind, name, container, hooks, before }): Change => {
      const isMigration = hooks.length > 0;
      return {
        system: 'kubernetes',
        what: isMigration
          ? `migration: ${hooks.join(', ')} hook ${kind} ${name}`
          : `image of ${kind} ${name}`,
        ref: `${kind}/${name}/${container}`,
        cluster: where,
        before,
        after,
      };
    }),
  ];
}
