import { PreviewRequest } from '@switchyard/backstage-plugin-runs-common';

/** A resource as a sync names it. */
export type ChosenResource = {
  group: string;
  kind: string;
  namespace?: string;
  name: string;
};

/** What the form of a sync holds; unlike its input it may be incomplete. */
export interface SyncChoice {
  /** Names of Applications; undefined for all. */
  applications: string[] | undefined;
  /** Undefined for whole Applications. */
  resources: ChosenResource[] | undefined;
  prune: boolean;
  force: boolean;
  refresh: '' | 'normal' | 'hard';
}

/** The input of a sync as it was chosen before. */
export function toChoice(input: PreviewRequest['input'] = {}): SyncChoice {
  return {
    applications: input.applications as string[] | undefined,
    resources: input.resources as ChosenResource[] | undefined,
    prune: input.prune === true,
    force: input.force === true,
    refresh: (input.refresh as SyncChoice['refresh'] | undefined) ?? '',
  };
}

/** Undefined while something has still to be chosen. */
export function toInput(
  choice: SyncChoice,
): PreviewRequest['input'] | undefined {
  const { applications, resources, prune, force, refresh } = choice;
  if (applications?.length === 0 || resources?.length === 0) return undefined;
  return {
    ...(applications && { applications }),
    ...(resources && { resources }),
    ...(prune && { prune }),
    ...(force && { force }),
    ...(refresh && { refresh }),
  };
}
