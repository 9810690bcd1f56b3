import {
  CommitDetails,
  DeploymentHistory,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  Application,
  ArgoCdReader,
  ApplicationName,
  RevisionHistory,
} from '@switchyard/fleet-node';
import { shorten } from './shorten';

/** Argo CD keeps ten; a company may keep hundreds. */
const MAX_ENTRIES = 30;
const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/i;

/** The deploys that Argo CD remembers, newest first, each with its commits. Each commit is asked for once, whoever looks. */
export async function readHistory(options: {
  application: Application;
  name: ApplicationName;
  reader: Pick<ArgoCdReader, 'revisionMetadata'>;
  /** Why commits are not to be read. */
  withoutCommits?: string;
  signal: AbortSignal;
}): Promise<DeploymentHistory> {
  const { application } = options;
  const entries = (application.status?.history ?? [])
    .slice(-MAX_ENTRIES)
    .reverse();
  return {
    entries: await Promise.all(
      entries.map(async entry => ({
        id: entry.id,
        deployedAt: entry.deployedAt,
        ...secondsOf(entry),
        ...byOf(entry),
        automated: entry.initiatedBy?.automated === true,
        commits: await Promise.all(
          revisionsOf(entry).map((revision, index) =>
            readCommit(revision, sourceIndexOf(entry, index), options),
          ),
        ),
      })),
    ),
  };
}

async function readCommit(
  revision: string,
  sourceIndex: number | undefined,
  options: {
    name: ApplicationName;
    reader: Pick<ArgoCdReader, 'revisionMetadata'>;
    withoutCommits?: string;
    signal: AbortSignal;
  },
): Promise<CommitDetails> {
  const { name, reader, withoutCommits, signal } = options;
  // The version of a chart has neither author nor message.
  if (!COMMIT.test(revision)) return { revision };
  if (withoutCommits !== undefined)
    return { revision, problem: withoutCommits };
  try {
    const { author, date, message } = await reader.revisionMetadata(
      name,
      revision,
      { sourceIndex, signal },
    );
    return {
      revision,
      ...(author && { author: shorten(author, 200) }),
      ...(date && { at: date }),
      ...(message && { message: shorten(message) }),
    };
  } catch (error) {
    signal.throwIfAborted();
    // The others stay readable.
    return {
      revision,
      problem:
        error instanceof Error ? error.message : 'Argo CD does not tell it',
    };
  }
}

function revisionsOf({ revision, revisions }: RevisionHistory): string[] {
  if (revisions?.length) return revisions.filter(Boolean);
  return revision ? [revision] : [];
}

function sourceIndexOf(
  { revisions }: RevisionHistory,
  index: number,
): number | undefined {
  return revisions?.length ? index : undefined;
}

function secondsOf({ deployStartedAt, deployedAt }: RevisionHistory): {
  seconds?: number;
} {
  const ms = Date.parse(deployedAt) - Date.parse(deployStartedAt ?? '');
  return ms >= 0 ? { seconds: Math.round(ms / 1000) } : {};
}

function byOf({ initiatedBy }: RevisionHistory): { by?: string } {
  return initiatedBy?.username ? { by: initiatedBy.username } : {};
}
