import { PlanProblem, Warning } from '@switchyard/backstage-plugin-runs-common';
import { Forges, PullRequestPolicy } from '../forge';
import { distinct } from '../operations/warnings';
import { changesFiles } from './describeEdits';
import { TargetEdits } from './planEdits';

/** Which changes go by pull request, as far as that is known before. */
export interface FoundPullRequests {
  /** Whether the config says so: then no push is tried. */
  isAlways(edits: TargetEdits): boolean;
  warnings: Warning[];
  problems: PlanProblem[];
}

/** Finds out who else has to do something for the change to come into its branch. */
export function findPullRequests(
  edits: readonly TargetEdits[],
  environment: string,
  tools: { forges: Forges; pullRequests: PullRequestPolicy },
): FoundPullRequests {
  const { forges, pullRequests } = tools;
  const warnings: Warning[] = [];
  const problems: PlanProblem[] = [];
  const targetOf = ({ repository, head }: TargetEdits) => ({
    repoUrl: repository.url,
    branch: head.branch,
    environment,
  });
  for (const edit of edits.filter(changesFiles)) {
    const target = targetOf(edit);
    const isAlways = pullRequests.isAlways(target);
    if (!isAlways && !pullRequests.wasRefused(target)) continue;
    const { name: ref } = edit.repository;
    const forge = forges.find(target.repoUrl);
    if (forge) {
      warnings.push({
        what: `A ${forge.noun} has to be merged`,
        why: `${target.branch} of ${ref} ${
          isAlways
            ? 'is changed by'
            : 'has refused the last push, and takes changes by'
        } ${forge.noun}: the run opens one, and waits until somebody merges it`,
        ref,
      });
    } else if (isAlways) {
      problems.push({
        what: 'No pull request can be opened',
        why: `switchyard.deploys.pullRequests asks for one in ${ref}, and no integration for GitHub or GitLab is configured for it`,
        ref,
      });
    }
  }
  return {
    isAlways: edit => pullRequests.isAlways(targetOf(edit)),
    warnings: distinct(warnings),
    problems: distinct(problems),
  };
}
