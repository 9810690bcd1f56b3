import { InputError, NotAllowedError } from '@backstage/errors';
import {
  ActionRights,
  lockCreatePermission,
  runCreatePermission,
} from '@switchyard/backstage-plugin-runs-common';
import { ApprovalPolicies } from '../approvals/ApprovalPolicies';
import { UNASSIGNED_ENVIRONMENT } from '../environments';
import { ActionKinds } from '../kinds/ActionKinds';
import { LOCKING } from './judgeActions';
import { judgeAnywhere } from './judgeAnywhere';
import { TargetAuthorizer } from './TargetAuthorizer';
import { ActionFilter, CallOptions } from './types';

/** What people may do at all, before a component is known. */
export interface RightsService {
  /** @throws InputError for an action or environment that there is not */
  listRights(only: ActionFilter, options: CallOptions): Promise<ActionRights>;
}

/** {@link RightsService} by the permission framework and the policies of approvals. */
export class AuthorizedRightsService implements RightsService {
  static create(options: {
    kinds: ActionKinds;
    policies: ApprovalPolicies;
    /** Names of `switchyard.environments`. */
    environments: string[];
    authorizer: TargetAuthorizer;
  }): AuthorizedRightsService {
    return new AuthorizedRightsService(options);
  }

  readonly #options: Parameters<typeof AuthorizedRightsService.create>[0];

  private constructor(
    options: Parameters<typeof AuthorizedRightsService.create>[0],
  ) {
    this.#options = options;
  }

  async listRights(
    only: ActionFilter,
    { caller }: CallOptions,
  ): Promise<ActionRights> {
    const { policies, authorizer } = this.#options;
    const decisions = await authorizer.decide(caller.credentials);
    if (!decisions.mayRead) throw new NotAllowedError('You may not see runs');
    return {
      items: this.#choose(only).map(({ title, permission, ...place }) => ({
        ...place,
        title,
        ...judgeAnywhere(decisions.decisionOf(permission), place),
        approvals: policies.findAhead(place),
      })),
    };
  }

  #choose({ action, environment }: ActionFilter) {
    const { kinds } = this.#options;
    // Where none is configured, everything is in this one.
    const environments =
      this.#options.environments.length > 0
        ? this.#options.environments
        : [UNASSIGNED_ENVIRONMENT];
    if (environment !== undefined && !environments.includes(environment))
      throw new InputError(
        `environment: '${environment}' is none of ${environments.join(', ')}`,
      );
    const actions = [
      ...kinds.all.map(({ kind, title }) => ({
        action: kind,
        title,
        permission: runCreatePermission,
      })),
      { ...LOCKING, permission: lockCreatePermission },
    ];
    if (action !== undefined && action !== LOCKING.action)
      kinds.require(action);
    return actions
      .filter(each => action === undefined || each.action === action)
      .flatMap(each =>
        environments
          .filter(name => environment === undefined || name === environment)
          .map(name => ({ ...each, environment: name })),
      );
  }
}
