import { Application, RevisionHistory } from '@switchyard/fleet-node';
import { migrationFactsOf } from './migration';
import { ApplicationDetails } from './types';

const MAX_MESSAGE = 600;

/** Takes what is shown out of a full Application. */
export function detailsOf(application: Application): ApplicationDetails {
  const { metadata, status } = application;
  const state = status?.operationState;
  // Oldest first.
  const last = status?.history?.at(-1);
  const migration = migrationFactsOf(application);
  return {
    ...(last && { lastDeploy: describeDeploy(last) }),
    ...(state && {
      operation: {
        startedAt: state.startedAt,
        ...(state.message && { message: shorten(state.message) }),
      },
    }),
    ...(migration && { migration }),
    ...(status?.reconciledAt && { reconciledAt: status.reconciledAt }),
    ...(metadata.resourceVersion && {
      resourceVersion: metadata.resourceVersion,
    }),
  };
}

function describeDeploy(
  entry: RevisionHistory,
): NonNullable<ApplicationDetails['lastDeploy']> {
  const { deployedAt, initiatedBy, revision, revisions } = entry;
  const by =
    initiatedBy?.username ?? (initiatedBy?.automated ? 'auto-sync' : undefined);
  const shown = revision ?? revisions?.join(', ');
  return {
    at: deployedAt,
    ...(by && { by }),
    ...(shown && { revision: shown }),
  };
}

function shorten(text: string): string {
  return text.length > MAX_MESSAGE
    ? `${text.slice(0, MAX_MESSAGE - 1)}…`
    : text;
}
