import { Entity } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import {
  ActionState,
  EntityRunsState,
  TERMINAL_RUN_STATUSES,
  Verdict,
} from '@switchyard/backstage-plugin-runs-common';
import { PassTerms } from '../breakGlass/terms';
import { RunRecord } from '../database/types';
import {
  CallerAnswer,
  CallerInterlock,
  CallerQuestion,
} from '../interlock/CallerInterlock';
import { ActionKinds } from '../kinds/ActionKinds';
import { Caller } from './Caller';
import { ActionFilter } from './types';

/** Setting a lock: the one thing that is done to an entity without a run. */
export const LOCKING = { action: 'lock', title: 'Lock' };

/** What can be done with an entity, for one person, and what else was asked at the same time. */
export interface JudgedActions extends Pick<CallerAnswer, 'locks' | 'visible'> {
  actions: ActionState[];
  windows: EntityRunsState['windows'];
  /** One per further question. */
  verdicts: Verdict[];
}

/**
 * What a person may do with an entity now, and what stands in the way, before permissions. The state of an entity and 'why not' answer with the
 * same.
 *
 * @throws InputError for an action that there is not, or an environment in which it makes no sense
 */
export async function judgeActions(options: {
  kinds: ActionKinds;
  interlock: CallerInterlock;
  terms: PassTerms;
  environmentsOf: (entity: Entity) => string[];
  entity: Entity;
  caller: Caller;
  /** Runs of the entity that have not ended. */
  active: RunRecord[];
  only?: ActionFilter;
  /** What is asked at the same time. */
  also?: CallerQuestion[];
  mentioned?: string[];
}): Promise<JudgedActions> {
  const { interlock, terms, entity, caller, active, also = [] } = options;
  const { targets, locking } = choose(options);
  const { verdicts, windows, locks, visible } = await interlock.ask({
    entity,
    caller,
    questions: [
      ...targets.map(({ kind, environment }) => ({
        action: kind.kind,
        environment,
        ahead: active.filter(
          run =>
            run.environment === environment &&
            !TERMINAL_RUN_STATUSES.includes(run.status),
        ),
      })),
      ...also,
    ],
    mentioned: options.mentioned,
  });
  return {
    actions: [
      ...targets.map(
        ({ kind, environment }, index): ActionState => ({
          action: kind.kind,
          title: kind.title,
          environment,
          visible: true,
          ...verdicts[index],
          ...(!verdicts[index].allowed &&
            terms.find(verdicts[index]) && { breakGlass: true }),
        }),
      ),
      ...locking.map(toLocking),
    ],
    windows: [...new Set(targets.map(({ environment }) => environment))].map(
      environment => ({
        environment,
        ...windows[
          targets.findIndex(target => target.environment === environment)
        ],
      }),
    ),
    verdicts: verdicts.slice(targets.length),
    locks,
    visible,
  };
}

function choose({
  kinds,
  environmentsOf,
  entity,
  only = {},
}: Parameters<typeof judgeActions>[0]) {
  const { action, environment } = only;
  if (action !== undefined && action !== LOCKING.action) kinds.require(action);
  const isAsked = (each: { action: string; environment: string }) =>
    (action === undefined || each.action === action) &&
    (environment === undefined || each.environment === environment);
  const targets = kinds
    .targetsOf(entity)
    .filter(each => isAsked({ ...each, action: each.kind.kind }));
  const locking = environmentsOf(entity).filter(each =>
    isAsked({ ...LOCKING, environment: each }),
  );
  if (environment !== undefined && targets.length + locking.length === 0) {
    const possible =
      action === undefined || action === LOCKING.action
        ? environmentsOf(entity)
        : kinds.require(action).environments(entity);
    throw new InputError(
      `environment: '${environment}' is none of ${
        possible.join(', ') || 'those where this is possible: there are none'
      }`,
    );
  }
  return { targets, locking };
}

function toLocking(environment: string): ActionState {
  return {
    ...LOCKING,
    environment,
    visible: true,
    allowed: true,
    blockers: [],
    approvals: [],
    warnings: [],
  };
}
