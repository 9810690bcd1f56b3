import {
  BackstageCredentials,
  BackstageUserPrincipal,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import {
  AuthorizeResult,
  PolicyDecision,
  QueryPermissionRequest,
} from '@backstage/plugin-permission-common';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { CatalogServiceRequestOptions } from '@backstage/plugin-catalog-node';
import {
  lockCreatePermission,
  lockReleasePermission,
  runControlPermission,
  runCreatePermission,
  runReadPermission,
} from '@switchyard/backstage-plugin-runs-common';
import {
  createRunsTargetConditionalDecision,
  runsActionsExtensionPoint,
  runsFactsExtensionPoint,
  runsTargetConditions,
} from '@switchyard/backstage-plugin-runs-node';
import { JsonObject } from '@backstage/types';
import { runsPlugin } from '../plugin';
import { TestDatabase } from './TestDatabase';
import { createKind, createPlan } from './testKind';

type Relations = NonNullable<Entity['relations']>;

/** The system that orders and payments are part of. */
export const SHOP = 'system:default/shop';
const STOREFRONT = { type: 'ownedBy', targetRef: 'group:default/storefront' };
const entities: Entity[] = [
  entity('Component', 'orders', [
    STOREFRONT,
    { type: 'partOf', targetRef: SHOP },
  ]),
  entity('Component', 'search', [STOREFRONT]),
  entity('System', 'shop', [STOREFRONT]),
  ...['dana', 'omar', 'inge', 'ravi', 'hal'].map(name =>
    entity('User', name, []),
  ),
];

function entity(kind: string, name: string, relations: Relations): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name, namespace: 'default' },
    relations,
  };
}

const userOf = (credentials: BackstageCredentials) =>
  (credentials.principal as Partial<BackstageUserPrincipal>).userEntityRef;

/** Omar and inge may do everything; dana deploys and locks what storefront owns; the others look. */
function decide(
  permission: QueryPermissionRequest['permission'],
  user: string | undefined,
): PolicyDecision {
  const allowed = { result: AuthorizeResult.ALLOW } as const;
  if (user === 'user:default/omar' || user === 'user:default/inge')
    return allowed;
  if (permission.name === runReadPermission.name) return allowed;
  const mine = [
    runCreatePermission,
    runControlPermission,
    lockCreatePermission,
    lockReleasePermission,
  ].some(({ name }) => name === permission.name);
  if (user !== 'user:default/dana' || !mine)
    return { result: AuthorizeResult.DENY };
  return createRunsTargetConditionalDecision(
    permission as typeof runCreatePermission,
    runsTargetConditions.isEntityOwner({
      ownerRefs: ['group:default/storefront'],
    }),
  );
}

/** The plugin with a system of one component, two clusters, and people with different rights. hal does not see the system. */
export async function startLockWorld(options: { runs?: JsonObject } = {}) {
  const database = await TestDatabase.create();
  const audited: Array<{ eventId: string; meta: JsonObject; failed: boolean }> =
    [];
  const auditor = mockServices.auditor.mock({
    createEvent: async ({ eventId, meta }) => ({
      success: async more => {
        audited.push({
          eventId,
          meta: { ...meta, ...more?.meta } as JsonObject,
          failed: false,
        });
      },
      fail: async more => {
        audited.push({
          eventId,
          meta: { ...meta, ...more?.meta } as JsonObject,
          failed: true,
        });
      },
    }),
  });
  const find = (ref: string, { credentials }: CatalogServiceRequestOptions) =>
    entities.find(
      ({ kind, metadata }) =>
        `${kind.toLocaleLowerCase('en-US')}:default/${metadata.name}` === ref &&
        !(kind === 'System' && userOf(credentials) === 'user:default/hal'),
    );
  let sharer: string | undefined;
  const backend = await startTestBackend({
    features: [
      runsPlugin,
      createBackendModule({
        pluginId: 'runs',
        moduleId: 'test',
        register(env) {
          env.registerInit({
            deps: {
              actions: runsActionsExtensionPoint,
              facts: runsFactsExtensionPoint,
            },
            async init({ actions, facts }) {
              actions.addActionKind(
                createKind({
                  plan: version => createPlan({ intent: { version } }),
                }),
              );
              facts.addClusters(() => ['blue', 'green']);
              facts.addSource({
                id: 'clusters',
                actions: ['test'],
                read: async () => ({
                  state: 'read',
                  asOf: new Date().toISOString(),
                  facts: [
                    { type: 'cluster', name: 'blue' },
                    ...(sharer === undefined
                      ? []
                      : [
                          {
                            type: 'shared-target' as const,
                            ref: 'Application argocd/shop',
                            entityRef: sharer,
                          },
                        ]),
                  ],
                }),
              });
            },
          });
        },
      }),
      mockServices.rootConfig.factory({
        data: {
          switchyard: {
            environments: [{ name: 'production' }, { name: 'development' }],
            runs: options.runs ?? {},
          },
        },
      }),
      mockServices.database.mock(database.createService(database.createKnex()))
        .factory,
      mockServices.auditor.mock(auditor).factory,
      mockServices.userInfo.mock({
        getUserInfo: async credentials => ({
          userEntityRef: userOf(credentials)!,
          ownershipEntityRefs: [userOf(credentials)!],
        }),
      }).factory,
      mockServices.permissions.mock({
        authorizeConditional: async (queries, asked) =>
          queries.map(({ permission }) =>
            decide(
              permission as QueryPermissionRequest['permission'],
              userOf(
                (asked as { credentials: BackstageCredentials }).credentials,
              ),
            ),
          ),
      }).factory,
      catalogServiceMock.mock({
        getEntityByRef: async (ref, asked) =>
          find(String(ref), asked as CatalogServiceRequestOptions),
        getEntitiesByRefs: async ({ entityRefs }, asked) => ({
          items: entityRefs.map(ref =>
            find(ref, asked as CatalogServiceRequestOptions),
          ),
        }),
      }).factory,
    ],
  });
  return {
    backend,
    database,
    /** Says which component deploys the same target as all others. */
    share: (entityRef: string | undefined) => {
      sharer = entityRef;
    },
    /** What the auditor was told, in order. */
    audited,
    stop: async () => {
      await backend.stop();
      await database.drop();
    },
  };
}
