import {
  BackstageCredentials,
  BackstageUserPrincipal,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { CatalogServiceRequestOptions } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  AuthorizeResult,
  Permission,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import { JsonObject } from '@backstage/types';
import {
  ActionKind,
  runsActionsExtensionPoint,
} from '@switchyard/backstage-plugin-runs-node';
import { runsPlugin } from '../plugin';
import { callAs } from './callAs';
import { TestDatabase } from './TestDatabase';
import { ENTITY_REF, until } from './testKind';

export const ALLOW = { result: AuthorizeResult.ALLOW } as const;
export const DENY = { result: AuthorizeResult.DENY } as const;

/** An entity of the default namespace. */
export function anEntity(
  ref: string,
  relations: Record<string, string[]> = {},
): Entity {
  const [kind, name] = ref.split(':default/');
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind,
    metadata: { name, namespace: 'default' },
    relations: Object.entries(relations).flatMap(([type, targets]) =>
      targets.map(targetRef => ({ type, targetRef })),
    ),
  };
}

/** The plugin behind HTTP, on a database of its own, with people, entities and rights that a test may change. */
export class TestRunsBackend {
  static async start(options: {
    kinds: Array<ActionKind<any>>;
    entities: Entity[];
    /** `switchyard` of the config. */
    config?: JsonObject;
    /** What the permission framework says, by person: everything is allowed unless told otherwise. */
    decide?(name: string, permission: Permission): PolicyDecision;
    /** More features of the backend. */
    features?: any[];
  }): Promise<TestRunsBackend> {
    const database = await TestDatabase.create();
    const self = new TestRunsBackend(database, options.entities);
    const find = (ref: string, credentials: BackstageCredentials) =>
      self.entities.find(
        entity =>
          stringifyEntityRef(entity) === ref &&
          !self.hidden.get(nameOf(credentials))?.includes(ref),
      );
    const refsOf = (name: string) =>
      (
        self.entities.find(
          entity => stringifyEntityRef(entity) === `user:default/${name}`,
        )?.relations ?? []
      ).map(({ targetRef }) => targetRef);
    self.#backend = await startTestBackend({
      features: [
        runsPlugin,
        createBackendModule({
          pluginId: 'runs',
          moduleId: 'test',
          register(env) {
            env.registerInit({
              deps: { actions: runsActionsExtensionPoint },
              async init({ actions }) {
                for (const kind of options.kinds) actions.addActionKind(kind);
              },
            });
          },
        }),
        mockServices.rootConfig.factory({
          data: {
            app: { baseUrl: 'https://portal.example.com' },
            switchyard: {
              environments: [{ name: 'production' }, { name: 'development' }],
              ...options.config,
            },
          },
        }),
        mockServices.database.mock(
          database.createService(database.createKnex()),
        ).factory,
        mockServices.userInfo.mock({
          getUserInfo: async credentials => {
            const name = nameOf(credentials);
            const ref = `user:default/${name}`;
            return {
              userEntityRef: ref,
              ownershipEntityRefs: [ref, ...refsOf(name)],
            };
          },
        }).factory,
        mockServices.permissions.mock({
          authorizeConditional: async (queries, asked) => {
            const name = nameOf((asked as any).credentials);
            return queries.map(
              ({ permission }) => options.decide?.(name, permission) ?? ALLOW,
            );
          },
        }).factory,
        catalogServiceMock.mock({
          getEntityByRef: async (ref, asked) =>
            find(
              String(ref),
              (asked as CatalogServiceRequestOptions).credentials,
            ),
          getEntitiesByRefs: async ({ entityRefs }, asked) => ({
            items: entityRefs.map(ref =>
              find(ref, (asked as CatalogServiceRequestOptions).credentials),
            ),
          }),
          getEntities: async (_request, asked) => ({
            items: self.entities.filter(
              entity =>
                find(
                  stringifyEntityRef(entity),
                  (asked as CatalogServiceRequestOptions).credentials,
                ) !== undefined,
            ),
          }),
        }).factory,
        ...(options.features ?? []),
      ],
    });
    return self;
  }

  readonly database: TestDatabase;
  entities: Entity[];
  /** Entity refs that somebody cannot see in the catalog. */
  readonly hidden = new Map<string, string[]>();
  #backend: TestBackend | undefined;
  #count = 0;

  private constructor(database: TestDatabase, entities: Entity[]) {
    this.database = database;
    this.entities = entities;
  }

  as(name: string) {
    return callAs(this.#backend!, name);
  }

  get server() {
    return this.#backend!.server;
  }

  /** Asks for a run of the kind 'test' unless told otherwise, and answers with it. */
  async request(
    name: string,
    more: { action?: string; entityRef?: string; environment?: string } = {},
  ): Promise<any> {
    this.#count += 1;
    const body = {
      action: 'test',
      entityRef: ENTITY_REF,
      environment: 'production',
      input: { version: `v${this.#count}` },
      ...more,
    };
    const { body: preview } = await this.as(name)
      .post('/v1/previews', body)
      .expect(200);
    const { body: run } = await this.as(name)
      .post('/v1/runs', {
        ...body,
        reason: 'Totals are wrong',
        planHash: preview.planHash,
      })
      .set('Idempotency-Key', `key-${this.#count}`)
      .expect(201);
    return this.read(run.id, name);
  }

  async read(id: string, name = 'dana'): Promise<any> {
    return (await this.as(name).get(`/v1/runs/${id}`).expect(200)).body;
  }

  async reaches(id: string, status: string): Promise<any> {
    await until(async () => (await this.read(id)).status === status);
    return this.read(id);
  }

  async stop(): Promise<void> {
    await this.#backend?.stop();
    await this.database.drop();
  }
}

function nameOf(credentials: BackstageCredentials): string {
  const { userEntityRef } = credentials.principal as BackstageUserPrincipal;
  // The plugin's own credentials see everything.
  return (userEntityRef ?? 'the plugin').replace('user:default/', '');
}
