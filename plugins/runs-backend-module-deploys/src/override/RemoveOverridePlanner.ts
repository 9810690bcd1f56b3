import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import {
  OverrideMark,
  readOverride,
} from '@switchyard/backstage-plugin-deploys-node';
import {
  PlannedStep,
  PlanProblem,
  RunPlan,
  Warning,
} from '@switchyard/backstage-plugin-runs-common';
import { PlanRequest } from '@switchyard/backstage-plugin-runs-node';
import {
  Application,
  ApplicationSource,
  FleetReader,
  FleetService,
  SwitchyardConfig,
} from '@switchyard/fleet-node';
import { exactly } from '../exactly';
import { GitClient } from '../git';
import { findImageTargets } from '../hotfix/findTargets';
import { locateImage } from '../hotfix/planEdits';
import { warnOfAutoSync } from '../hotfix/warnings';
import { environmentsWithSome } from '../operations/applicationsByEnvironment';
import {
  applicationKey,
  ApplicationTarget,
  describePlaces,
  findApplicationTargets,
  intentOf,
  uniqueNames,
} from '../operations/applicationTargets';
import { lookAtTargets } from '../operations/lookAtTargets';
import { readApplication } from '../operations/readApplication';
import {
  distinct,
  warnOfApplications,
  warnOfHead,
} from '../operations/warnings';
import { describeEntry, describePlace } from './imageOverride';
import { deploySteps } from './overridePlanSteps';
import { RemoveOverrideInput, RemoveOverrideStepInput } from './types';

/** Newest version of the plan's format. */
export const REMOVE_OVERRIDE_PLAN_VERSION = 1;

const CHANGE_TIMEOUT_MS = 5 * 60_000;

/** An Application whose version a run has overridden. */
interface Overridden {
  target: ApplicationTarget;
  full: Application;
  mark: OverrideMark;
  /** The version that Git names, as far as the portal can read that. */
  git?: string;
}

/**
 * Makes the plan of giving Applications back to Git after their version was overridden. Changes nothing.
 */
export class RemoveOverridePlanner {
  readonly #fleet: FleetReader & Pick<FleetService, 'argo'>;
  readonly #git: GitClient;
  readonly #config: SwitchyardConfig;

  static create(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    git: GitClient;
    config: SwitchyardConfig;
  }): RemoveOverridePlanner {
    return new RemoveOverridePlanner(options);
  }

  private constructor(options: {
    fleet: FleetReader & Pick<FleetService, 'argo'>;
    git: GitClient;
    config: SwitchyardConfig;
  }) {
    this.#fleet = options.fleet;
    this.#git = options.git;
    this.#config = options.config;
  }

  /** Those in which something is overridden: elsewhere there is nothing to remove. */
  environments(entity: Entity): string[] {
    return environmentsWithSome(
      ({ annotations }) => readOverride(annotations) !== undefined,
      entity,
      this.#fleet,
      this.#config,
    );
  }

  async plan(request: PlanRequest<RemoveOverrideInput>): Promise<RunPlan> {
    const { entity, environment, signal } = request;
    const found = findApplicationTargets(
      { entity, environment },
      this.#fleet,
      this.#config,
    );
    const { looked: overridden, problems } = await lookAtTargets(
      found,
      target => this.#look(request, target, signal),
    );
    if (overridden.length === 0 && problems.length === 0)
      problems.push({
        what: 'Nothing is overridden',
        why: 'No run has set a version in an Application here',
      });
    const targets = overridden.map(({ target }) => target);
    const entityRef = stringifyEntityRef(entity);
    return {
      kind: 'remove-override',
      version: REMOVE_OVERRIDE_PLAN_VERSION,
      entityRef,
      environment,
      title: `Remove the override in ${describePlaces(
        targets.map(({ place }) => place),
      )}`,
      intent: {
        action: 'remove-override',
        targets: overridden.map(({ target, mark }) => ({
          ...intentOf(target),
          run: mark.run,
        })),
      },
      keys: [
        `target:${entityRef}@${environment}`,
        ...targets.map(({ id }) => applicationKey(id)),
      ].sort(),
      steps: problems.length > 0 ? [] : buildSteps(overridden),
      changes: overridden.map(describeChange),
      warnings: distinct([
        ...overridden.flatMap(findWarnings),
        ...warnOfApplications(targets, this.#fleet),
      ]),
      problems: distinct(problems),
      undo: 'Override again with the version',
    };
  }

  async #look(
    {
      entity,
      environment,
    }: Pick<PlanRequest<unknown>, 'entity' | 'environment'>,
    target: ApplicationTarget,
    signal: AbortSignal,
  ): Promise<Overridden | { problem: PlanProblem } | undefined> {
    const read = await readApplication(this.#fleet, target.id, {
      unknown: 'Whether it is overridden',
      signal,
    });
    if ('problem' in read) return read;
    const { full } = read;
    const mark = readOverride(full.metadata.annotations);
    if (!mark) return undefined;
    return {
      target,
      full,
      mark,
      git: await this.#versionInGit(
        { entity, environment },
        target,
        mark,
        signal,
      ),
    };
  }

  /** What Git names where the portal can read it, as if there were no override. */
  async #versionInGit(
    about: { entity: Entity; environment: string },
    { id }: ApplicationTarget,
    mark: OverrideMark,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (mark.before !== null) return undefined;
    const image = findImageTargets(
      about,
      this.#fleet,
      this.#config,
    ).targets.find(
      ({ deployment: { application } }) =>
        application.instance === id.instance &&
        application.namespace === id.namespace &&
        application.name === id.name,
    );
    if (!image) return undefined;
    const { application } = image.deployment;
    const sources = application.sources.map((source, index) => {
      if (index !== mark.source) return source;
      const { [mark.tool]: _, ...rest } = source;
      // Only what the run has set is taken out of what is read.
      return mark.tool === 'kustomize'
        ? rest
        : { ...rest, helm: withoutParameter(source.helm, mark.name) };
    });
    const located = await locateImage(
      {
        ...image,
        deployment: {
          ...image.deployment,
          application: { ...application, sources },
        },
      },
      this.#git,
      { signal },
    );
    if (!located.found) return undefined;
    const tags = new Set(
      located.image.places.flatMap(
        ({ tag }) => tag?.slice(image.wanted.tagPrefix.length) ?? [],
      ),
    );
    const [tag] = tags;
    return tags.size === 1 ? tag : undefined;
  }
}

function withoutParameter(
  helm: ApplicationSource['helm'],
  name: string,
): ApplicationSource['helm'] {
  return (
    helm && {
      ...helm,
      parameters: helm.parameters?.filter(each => each.name !== name),
    }
  );
}

function describeChange({ target, mark, git }: Overridden) {
  const { name } = target.id;
  return {
    system: 'argocd',
    what: `${describePlace(mark)} of Application ${name}`,
    ref: name,
    cluster: target.place,
    before: `${describeEntry(mark.entry)}, by run #${
      mark.number
    } since ${exactly(mark.at)}`,
    after: describeAfter(mark, git),
  };
}

function describeAfter({ before, was }: OverrideMark, git: string | undefined) {
  if (before !== null) return `${describeEntry(before)}, as it was before`;
  if (git !== undefined) return `what Git says: ${git}`;
  return `what Git says, which the portal cannot read${
    was === null ? '' : `; ${was} ran before the override`
  }`;
}

function findWarnings({ target, full }: Overridden): Warning[] {
  return [
    warnOfHead(target.deployment, full, 'was synced last'),
    ...warnOfAutoSync(target.deployment, 'the override is removed'),
  ];
}

function buildSteps(overridden: readonly Overridden[]): PlannedStep[] {
  const names = uniqueNames(overridden.map(({ target }) => target.id.name));
  return overridden.flatMap(({ target, mark }, index) => {
    const name = names[index];
    const { cluster } = target.deployment;
    const input: RemoveOverrideStepInput = {
      application: target.id,
      cluster: cluster ?? null,
      run: mark.run,
    };
    return [
      {
        id: `remove.${name}`,
        title: `Remove the override of ${target.id.name}`,
        handler: 'remove-override',
        needs: [],
        effect: 'adoptable' as const,
        input,
        timeoutMs: CHANGE_TIMEOUT_MS,
        maxAttempts: 10,
        ...(cluster !== undefined && { cluster }),
      },
      ...deploySteps(target, name, `remove.${name}`),
    ];
  });
}
