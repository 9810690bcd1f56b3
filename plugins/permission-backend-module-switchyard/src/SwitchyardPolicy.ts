import {
  AuthorizeResult,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import { AccessConfig } from './accessConfig';
import { decideAccess } from './decideAccess';

/** Answers from the table; nobody who is not signed in may do anything. */
export class SwitchyardPolicy implements PermissionPolicy {
  static create(options: { access: AccessConfig }) {
    return new SwitchyardPolicy(options.access);
  }

  readonly #access: AccessConfig;

  private constructor(access: AccessConfig) {
    this.#access = access;
  }

  async handle(
    request: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    if (!user) return { result: AuthorizeResult.DENY };
    return decideAccess({
      permission: request.permission,
      // The permission backend has looked this up for every request already; asking again would cost a second call.
      ownershipRefs: user.info.ownershipEntityRefs,
      access: this.#access,
    });
  }
}
