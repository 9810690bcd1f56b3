import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  createPermission,
  isResourcePermission,
  Permission,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import { logsReadPermission } from '@switchyard/backstage-plugin-deploys-common';
import {
  lockCreatePermission,
  parseTargetResourceRef,
  RESOURCE_TYPE_RUNS_TARGET,
  runControlPermission,
  runCreatePermission,
  runReadPermission,
  runsTargetPermissions,
  stringifyTargetResourceRef,
} from '@switchyard/backstage-plugin-runs-common';
import {
  createRunsTargetConditionalDecision,
  runsTargetConditions,
  runsTargetPermissionResourceRef,
  runsTargetRules,
} from '@switchyard/backstage-plugin-runs-node';
import request from 'supertest';
import { AccessConfig, decideAccess, isSwitchyardPermission } from './index';

const STOREFRONT = 'group:default/storefront';
const ON_CALL = 'group:default/on-call';
const companyPermission = createPermission({
  name: 'canteen.menu.change',
  attributes: { action: 'update' },
});

const table: AccessConfig = {
  rows: [
    { allow: ['see'], owns: false },
    { members: [STOREFRONT], allow: ['hotfix', 'control'], owns: true },
  ],
  others: 'none',
};

/** As a company might write it: what is its own first, then what it adds to the table, then the table. */
class CompanyPolicy implements PermissionPolicy {
  async handle(
    { permission }: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    if (!user) return { result: AuthorizeResult.DENY };
    const { ownershipEntityRefs: ownershipRefs } = user.info;
    if (!isSwitchyardPermission(permission))
      return { result: AuthorizeResult.ALLOW };
    if (
      isResourcePermission(permission, RESOURCE_TYPE_RUNS_TARGET) &&
      ownershipRefs.includes(ON_CALL)
    )
      return createRunsTargetConditionalDecision(permission, {
        allOf: [
          runsTargetConditions.isInEnvironment({
            environments: ['production'],
          }),
          { not: runsTargetConditions.isAction({ actions: ['scale'] }) },
        ],
      });
    return decideAccess({ permission, ownershipRefs, access: table });
  }
}

/** What the runs backend registers, with two components instead of the catalog. */
const runsStandIn = createBackendPlugin({
  pluginId: 'runs',
  register(env) {
    env.registerInit({
      deps: { registry: coreServices.permissionsRegistry },
      async init({ registry }) {
        registry.addPermissions([runReadPermission]);
        registry.addResourceType({
          resourceRef: runsTargetPermissionResourceRef,
          permissions: runsTargetPermissions,
          rules: Object.values(runsTargetRules),
          getResources: async refs =>
            refs.map(ref => {
              const target = parseTargetResourceRef(ref)!;
              const owner = target.entityRef.endsWith('/orders')
                ? STOREFRONT
                : 'group:default/realtime';
              return {
                ...target,
                entity: {
                  apiVersion: 'backstage.io/v1alpha1',
                  kind: 'Component',
                  metadata: { name: target.entityRef.split('/')[1] },
                  relations: [{ type: 'ownedBy', targetRef: owner }],
                },
              };
            }),
        });
      },
    });
  },
});

describe('a policy of a company’s own', () => {
  let backend: TestBackend;

  beforeAll(async () => {
    backend = await startTestBackend({ features: [runsStandIn] });
  });
  afterAll(() => backend.stop());

  const askedBy = (...groups: string[]) =>
    ({
      info: {
        userEntityRef: 'user:default/dana',
        ownershipEntityRefs: ['user:default/dana', ...groups],
      },
    } as PolicyQueryUser);
  /** As the permission backend does, and as the RBAC plugin does: conditions go to the plugin, as JSON. */
  const apply = async (
    conditions: unknown,
    target: { component: string; environment: string; action: string },
  ) => {
    const { body } = await request(backend.server)
      .post('/api/runs/.well-known/backstage/permissions/apply-conditions')
      .set('Authorization', mockCredentials.service.header())
      .send({
        items: [
          {
            id: '1',
            resourceType: RESOURCE_TYPE_RUNS_TARGET,
            resourceRef: stringifyTargetResourceRef({
              ...target,
              entityRef: `component:default/${target.component}`,
            }),
            conditions,
          },
        ],
      })
      .expect(200);
    return body.items[0].result;
  };
  const decide = async (
    permission: Permission,
    groups: string[],
    target = {
      component: 'orders',
      environment: 'production',
      action: 'hotfix',
    },
  ) => {
    const decision = await new CompanyPolicy().handle(
      { permission },
      askedBy(...groups),
    );
    return decision.result === AuthorizeResult.CONDITIONAL
      ? apply(JSON.parse(JSON.stringify(decision.conditions)), target)
      : decision.result;
  };
  const at = (component: string, environment: string, action: string) => ({
    component,
    environment,
    action,
  });

  it.each<[Permission, string[], ReturnType<typeof at> | undefined, string]>([
    [companyPermission, [], undefined, 'ALLOW'],
    [runReadPermission, [], undefined, 'ALLOW'],
    [logsReadPermission, [], undefined, 'DENY'],
    // From the table.
    [runCreatePermission, [STOREFRONT], undefined, 'ALLOW'],
    [
      runCreatePermission,
      [STOREFRONT],
      at('orders', 'production', 'scale'),
      'DENY',
    ],
    [
      runCreatePermission,
      [STOREFRONT],
      at('chat', 'production', 'hotfix'),
      'DENY',
    ],
    [lockCreatePermission, [STOREFRONT], undefined, 'DENY'],
    [runControlPermission, [STOREFRONT], undefined, 'ALLOW'],
    // From what the company adds.
    [
      runCreatePermission,
      [ON_CALL],
      at('chat', 'production', 'hotfix'),
      'ALLOW',
    ],
    [runCreatePermission, [ON_CALL], at('chat', 'production', 'scale'), 'DENY'],
    [
      runCreatePermission,
      [ON_CALL],
      at('chat', 'development', 'hotfix'),
      'DENY',
    ],
    [
      lockCreatePermission,
      [ON_CALL],
      at('chat', 'production', 'lock'),
      'ALLOW',
    ],
  ])(
    'says to $name, asked by %j at %j: %s',
    async (...[permission, groups, target, result]) => {
      expect(await decide(permission, groups, target)).toBe(result);
    },
  );

  it('lets nobody in who is not signed in', async () => {
    expect(
      await new CompanyPolicy().handle({ permission: runCreatePermission }),
    ).toEqual({ result: AuthorizeResult.DENY });
  });

  it('finds the rules, with their parameters, where the RBAC plugin looks for them', async () => {
    const { body } = await request(backend.server)
      .get('/api/runs/.well-known/backstage/permissions/metadata')
      .expect(200);
    expect(
      body.permissions.map((each: Permission) => each.name).sort(),
    ).toEqual(
      [runReadPermission, ...runsTargetPermissions]
        .map(each => each.name)
        .sort(),
    );
    expect(
      Object.fromEntries(
        body.rules.map((rule: any) => [
          rule.name,
          Object.keys(rule.paramsSchema.properties),
        ]),
      ),
    ).toEqual({
      IS_ENTITY_OWNER: ['ownerRefs'],
      IS_IN_ENVIRONMENT: ['environments'],
      IS_ACTION: ['actions'],
    });
  });

  it('takes conditions as the README has them for the RBAC plugin', async () => {
    // With its alias for the person's own refs already filled in.
    const conditions = {
      allOf: [
        {
          rule: 'IS_ENTITY_OWNER',
          resourceType: 'runs-target',
          params: { ownerRefs: ['user:default/dana', STOREFRONT] },
        },
        {
          rule: 'IS_ACTION',
          resourceType: 'runs-target',
          params: { actions: ['hotfix', 'sync'] },
        },
      ],
    };
    expect(await apply(conditions, at('orders', 'production', 'hotfix'))).toBe(
      'ALLOW',
    );
    // The right to lock is a 'create' too: what names the actions does not give it.
    expect(await apply(conditions, at('orders', 'production', 'lock'))).toBe(
      'DENY',
    );
    expect(await apply(conditions, at('chat', 'production', 'hotfix'))).toBe(
      'DENY',
    );
  });
});
