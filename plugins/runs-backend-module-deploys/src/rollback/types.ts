import { ImageTarget } from '../hotfix/findTargets';
import { OpenedImage } from '../hotfix/planEdits';
import { Application } from '@switchyard/fleet-node';

/** Input of a rollback: by a commit exactly one of version and revision, by Argo CD the deploys. */
export type RollbackInput = {
  /** `git` unless said otherwise. */
  mode?: 'git' | 'argocd';
  /** As people say it, without the prefix that a shared repository gives each service. */
  version?: string;
  /** A commit that one of the Applications was synced to: the version is what Git named there. */
  revision?: string;
  /** Entries of the histories of Applications. */
  deploys?: Array<{ application: string; id: number }>;
};

/** Something that Argo CD has deployed earlier, by its history. */
export interface PastDeploy {
  /** Of the source that names the image; null where the history does not say. */
  revision: string | null;
  /** ISO time. */
  deployedAt: string;
  /** An account of Argo CD. */
  by?: string;
  automated: boolean;
  commit?: { author: string; at: string; message: string };
  /** What Git named there; undefined where that is not known. */
  image?: PastImage;
  /** Why it is not known, in words. */
  problem?: string;
}

/** An image that Git named at a revision. */
export interface PastImage {
  /** Without the prefix of the service. */
  version: string;
  /** The whole tag. */
  tag: string;
  /** Where it was pinned by digest too. */
  digest?: string;
}

/** An Application with what it has deployed so far. */
export interface LookedBack {
  target: ImageTarget;
  full: Application;
  /** Where the image stands now. */
  image: OpenedImage;
  /** Newest first. */
  past: PastDeploy[];
}
