import {
  ImageVersion,
  ImageVersions,
} from '@switchyard/backstage-plugin-deploys-common';
import { ImageDetails } from '../registry/types';
import { compareVersions } from './compareVersions';

/** @internal */
export type RepositoryTags =
  | { repository: string; state: 'read'; tags: string[] }
  | { repository: string; state: 'not-readable'; why: string };

/**
 * Makes one list of versions from the tags of all repositories, newest first.
 *
 * @internal
 */
export async function collectVersions(options: {
  repositories: readonly RepositoryTags[];
  tagPrefix: string;
  /** How many of the newest get their details looked up. */
  detailed: number;
  findImage(repository: string, tag: string): Promise<ImageDetails | undefined>;
}): Promise<ImageVersions> {
  const { repositories, tagPrefix, detailed, findImage } = options;
  const readable = repositories.filter(
    repository => repository.state === 'read',
  );
  const havingByTag = new Map<string, string[]>();
  for (const { repository, tags } of readable) {
    for (const tag of new Set(tags)) {
      if (!tag.startsWith(tagPrefix) || tag === tagPrefix) continue;
      havingByTag.set(tag, [...(havingByTag.get(tag) ?? []), repository]);
    }
  }
  const items = [...havingByTag].map(
    ([tag, having]): ImageVersion => ({
      version: tag.slice(tagPrefix.length),
      tag,
      missingIn: readable
        .map(({ repository }) => repository)
        .filter(repository => !having.includes(repository)),
    }),
  );
  items.sort(newestFirst);
  await Promise.all(
    items.slice(0, detailed).map(async item => {
      const details = await findImage(havingByTag.get(item.tag)![0], item.tag);
      if (!details) return;
      item.digest = details.digest;
      item.createdAt = details.createdAt;
      item.commit = details.revision;
      item.builtBy = details.author;
    }),
  );
  // Once more: images whose numbers are the same are ordered by their times.
  items.sort(newestFirst);
  return {
    items,
    repositories: repositories.map(({ repository, ...rest }) =>
      rest.state === 'read'
        ? { repository, state: rest.state }
        : { repository, state: rest.state, why: rest.why },
    ),
  };
}

function newestFirst(a: ImageVersion, b: ImageVersion): number {
  const byVersion = compareVersions(b.version, a.version);
  if (byVersion !== 0) return byVersion;
  // An image whose time is not known stands behind those whose is.
  const byTime = (b.createdAt ?? '').localeCompare(a.createdAt ?? '');
  return byTime !== 0 ? byTime : b.tag.localeCompare(a.tag);
}
