import { PlannedStep } from '@switchyard/backstage-plugin-runs-common';
import { ImageChange, imageSteps } from '../images/changeImages';
import { ImagePlace, pinText } from '../manifests';
import { FoundPullRequests } from './findPullRequests';
import { imageOf, TargetEdits } from './planEdits';
import {
  CheckStepInput,
  CommitStepInput,
  PlannedApplication,
  PlannedEdit,
  PlannedObject,
  RolloutStepInput,
  SyncStepInput,
} from './types';

const MINUTE_MS = 60_000;
const CHECK_TIMEOUT_MS = 2 * MINUTE_MS;
/** Requests to Git have limits of their own; this is for people, where a pull request has to be merged. */
const COMMIT_TIMEOUT_MS = 7 * 24 * 60 * MINUTE_MS;
const SYNC_TIMEOUT_MS = 30 * MINUTE_MS;
const ROLLOUT_TIMEOUT_MS = 30 * MINUTE_MS;
/** Remote systems are away for minutes: with the engine's backoff about five of them. */
const PATIENT_ATTEMPTS = 10;

/** Edits of one branch of one repository, which become one commit. */
interface Branch {
  key: string;
  stepId: string;
  all: TargetEdits[];
}

/**
 * The graph of a hotfix: one check, one commit per branch, then sync and rollout of each Application after its commit. What stands in no Git gets its image on the
 * object itself.
 */
export function buildSteps(options: {
  edits: readonly TargetEdits[];
  subject: string;
  /** Of workloads that stand in no Git. */
  images?: readonly ImageChange[];
  pullRequests: Pick<FoundPullRequests, 'isAlways'>;
}): PlannedStep[] {
  const { images = [] } = options;
  const branches = groupByBranch(options.edits);
  if (branches.length === 0) return imageSteps(images, []);
  const check: CheckStepInput = {
    repositories: branches.map(({ all: [{ repository, head }] }) => ({
      repoUrl: repository.url,
      branch: head.branch,
    })),
  };
  return [
    {
      id: 'check',
      title:
        branches.length === 1
          ? 'Check the right to push'
          : `Check the right to push to ${branches.length} repositories`,
      handler: 'check',
      needs: [],
      effect: 'none',
      input: check,
      timeoutMs: CHECK_TIMEOUT_MS,
      maxAttempts: 5,
    },
    ...branches.map(branch => commitStep(branch, options)),
    ...nameApplications(options.edits).flatMap(({ edits, name }) =>
      applicationSteps(edits, name, branches),
    ),
    ...imageSteps(images, ['check']),
  ];
}

function commitStep(
  { stepId, all }: Branch,
  { subject, pullRequests }: Parameters<typeof buildSteps>[0],
): PlannedStep {
  const [{ repository, head }] = all;
  const byPullRequest = pullRequests.isAlways(all[0]);
  const input: CommitStepInput = {
    repoUrl: repository.url,
    branch: head.branch,
    parent: head.commit,
    subject,
    edits: mergeEdits(all),
    ...(byPullRequest && { byPullRequest }),
  };
  const clusters = new Set(all.map(({ target }) => target.deployment.cluster));
  const [cluster] = clusters;
  return {
    id: stepId,
    title: byPullRequest
      ? `Pull request in ${repository.name}`
      : `Commit to ${repository.name}`,
    handler: 'commit',
    needs: ['check'],
    effect: 'adoptable',
    input,
    timeoutMs: COMMIT_TIMEOUT_MS,
    maxAttempts: PATIENT_ATTEMPTS,
    ...(clusters.size === 1 && cluster !== undefined && { cluster }),
  };
}

function applicationSteps(
  edits: TargetEdits,
  name: string,
  branches: readonly Branch[],
): PlannedStep[] {
  const { deployment } = edits.target;
  const commitStepId = branches.find(({ all }) => all.includes(edits))!.stepId;
  const application = describeApplication(edits, commitStepId);
  const sync: SyncStepInput = {
    application,
    cluster: deployment.cluster ?? null,
  };
  const rollout: RolloutStepInput = {
    application,
    cluster: deployment.cluster ?? null,
    namespace: deployment.application.destination.namespace ?? null,
    syncStep: `sync.${name}`,
    objects: plannedObjects(edits),
  };
  const shared = {
    maxAttempts: PATIENT_ATTEMPTS,
    ...(deployment.cluster !== undefined && { cluster: deployment.cluster }),
  };
  return [
    {
      id: `sync.${name}`,
      title: `Sync ${deployment.application.name}`,
      handler: 'sync',
      needs: [commitStepId],
      effect: 'adoptable',
      input: sync,
      timeoutMs: SYNC_TIMEOUT_MS,
      ...shared,
    },
    {
      id: `rollout.${name}`,
      title: `Roll out ${deployment.application.name}`,
      handler: 'rollout',
      needs: [`sync.${name}`],
      effect: 'none',
      input: rollout,
      timeoutMs: ROLLOUT_TIMEOUT_MS,
      // It only waits; whoever has seen the pods may go on without it.
      skippable: true,
      ...shared,
    },
  ];
}

function describeApplication(
  { target, repository, head, sourceIndex }: TargetEdits,
  commitStepId: string,
): PlannedApplication {
  const { instance, namespace, name, project, multiSource } =
    target.deployment.application;
  return {
    instance,
    namespace,
    name,
    project,
    multiSource,
    sourceIndex,
    repoUrl: repository.url,
    branch: head.branch,
    commitStep: commitStepId,
  };
}

// Hooks run in the sync and are gone or done after it.
function plannedObjects(edit: TargetEdits): PlannedObject[] {
  return edit.affected
    .filter(({ hooks }) => hooks.length === 0)
    .map(({ kind, name, container }) => ({
      kind,
      name,
      container,
      image: imageOf(edit),
    }));
}

// Two Applications may read the same file.
function mergeEdits(all: readonly TargetEdits[]): PlannedEdit[] {
  const edits = new Map<string, PlannedEdit>();
  for (const { target, places, digest } of all) {
    for (const place of places) {
      const key = JSON.stringify([
        place.file,
        target.wanted,
        target.tag,
        digest,
      ]);
      const edit = edits.get(key) ?? {
        file: place.file,
        wanted: { ...target.wanted },
        tag: target.tag,
        ...(digest !== undefined && { digest }),
        places: [],
      };
      edits.set(key, edit);
      if (!edit.places.some(({ id }) => id === place.id))
        edit.places.push(toPlanned(place));
    }
  }
  return [...edits.values()].sort((a, b) => a.file.localeCompare(b.file));
}

function toPlanned(place: ImagePlace): PlannedEdit['places'][number] {
  return { id: place.id, what: place.what, before: pinText(place) };
}

function groupByBranch(edits: readonly TargetEdits[]): Branch[] {
  const branches = new Map<string, Branch>();
  for (const each of edits) {
    const key = `${each.repository.url}#${each.head.branch}`;
    const branch = branches.get(key) ?? { key, stepId: '', all: [] };
    branch.all.push(each);
    branches.set(key, branch);
  }
  const names = uniqueNames(
    [...branches.values()].map(({ all: [{ repository }] }) => repository.name),
  );
  return [...branches.values()].map((branch, index) => ({
    ...branch,
    stepId: `commit.${names[index]}`,
  }));
}

function nameApplications(
  edits: readonly TargetEdits[],
): Array<{ edits: TargetEdits; name: string }> {
  const names = uniqueNames(
    edits.map(({ target }) => target.deployment.application.name),
  );
  return edits.map((each, index) => ({ edits: each, name: names[index] }));
}

// Ids of steps: Applications of two instances may have one name.
function uniqueNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map(name => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}.${count}`;
  });
}
