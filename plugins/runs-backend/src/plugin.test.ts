import {
  BackstageCredentials,
  BackstageUserPrincipal,
  createBackendModule,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import {
  AuthorizeResult,
  PolicyDecision,
  QueryPermissionRequest,
} from '@backstage/plugin-permission-common';
import { CatalogServiceRequestOptions } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  SignalPayload,
  signalsServiceRef,
} from '@backstage/plugin-signals-node';
import {
  createRunsTargetConditionalDecision,
  FactReading,
  runsActionsExtensionPoint,
  runsFactsExtensionPoint,
  runsTargetConditions,
  StepContext,
  StepFailedError,
  StepParkedError,
} from '@switchyard/backstage-plugin-runs-node';
import {
  RunStep,
  runCreatePermission,
  runReadPermission,
} from '@switchyard/backstage-plugin-runs-common';
import request from 'supertest';
import { runsPlugin } from './plugin';
import { callAs } from './tests/callAs';
import { TestDatabase } from './tests/TestDatabase';
import {
  createGate,
  createKind,
  createPlan,
  doing,
  ENTITY_REF,
  until,
} from './tests/testKind';

jest.setTimeout(30_000);

const entities: Entity[] = [
  component('orders', 'group:default/storefront'),
  component('hidden', 'group:default/storefront'),
  component('busy', 'group:default/storefront'),
  component('locked', 'group:default/storefront'),
  component('twin', 'group:default/storefront'),
  component('chat', 'group:default/realtime'),
  person('dana', 'group:default/storefront'),
  person('omar', 'group:default/storefront'),
  person('ravi', 'group:default/realtime'),
];

function component(name: string, owner: string): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, namespace: 'default' },
    relations: [{ type: 'ownedBy', targetRef: owner }],
  };
}

function person(name: string, group: string): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name, namespace: 'default' },
    relations: [{ type: 'memberOf', targetRef: group }],
  };
}

const GROUPS: Record<string, string> = {
  'user:default/dana': 'group:default/storefront',
  'user:default/ravi': 'group:default/realtime',
};

/** As a table of rights would: developers ship what their team owns, omar does everything, the guest looks, nobody does nothing. */
function decide(
  { permission }: QueryPermissionRequest,
  user: string,
): PolicyDecision {
  if (user === 'user:default/omar') return { result: AuthorizeResult.ALLOW };
  if (user === 'user:default/nobody') return { result: AuthorizeResult.DENY };
  if (permission.name === runReadPermission.name)
    return { result: AuthorizeResult.ALLOW };
  if (!GROUPS[user] || permission.name.startsWith('runs.lock.'))
    return { result: AuthorizeResult.DENY };
  return createRunsTargetConditionalDecision(
    permission as typeof runCreatePermission,
    {
      allOf: [
        runsTargetConditions.isEntityOwner({ ownerRefs: [GROUPS[user]] }),
        runsTargetConditions.isAction({ actions: ['test', 'slow'] }),
        runsTargetConditions.isInEnvironment({ environments: ['production'] }),
      ],
    },
  );
}

const VERB_PATHS = [
  'cancel',
  'confirm',
  'pause',
  'continue',
  'redrive',
  'discard',
  'fork',
  'steps/one/retry',
  'steps/one/skip',
];
const bodyOf = (path: string) =>
  path === 'discard' || path.endsWith('/skip') ? { reason: 'It is over' } : {};

const userOf = (credentials: BackstageCredentials) =>
  (credentials.principal as BackstageUserPrincipal).userEntityRef;

describe('runsPlugin', () => {
  let database: TestDatabase;
  let backend: TestBackend;
  let gate = createGate();
  let atEnd = async (_context: StepContext) => {};
  let permissionRequests = 0;
  let problems: Array<{ what: string; why: string }> = [];
  let facts: FactReading = { state: 'read', asOf: '', facts: [] };
  let sharedKey: string | undefined;
  const keysOf = (name: string, environment: string) => [
    sharedKey ?? `target:${name}@${environment}`,
  ];
  const signals: SignalPayload[] = [];
  const auditor = mockServices.auditor.mock({
    createEvent: async () => ({
      success: async () => {},
      fail: async () => {},
    }),
  });

  beforeAll(async () => {
    database = await TestDatabase.create();
    const isVisible = (ref: string, credentials: BackstageCredentials) =>
      !(
        ref === 'component:default/hidden' &&
        userOf(credentials) === 'user:default/ravi'
      );
    const find = (ref: string, credentials: BackstageCredentials) =>
      entities.find(
        entity =>
          `${entity.kind.toLocaleLowerCase('en-US')}:default/${
            entity.metadata.name
          }` === ref && isVisible(ref, credentials),
      );
    backend = await startTestBackend({
      features: [
        runsPlugin,
        createBackendModule({
          pluginId: 'runs',
          moduleId: 'test',
          register(env) {
            env.registerInit({
              deps: {
                actions: runsActionsExtensionPoint,
                sources: runsFactsExtensionPoint,
              },
              async init({ actions, sources }) {
                const slow = { ...createPlan().steps[0], handler: 'slow' };
                actions.addActionKind({
                  ...createKind({}),
                  choices: async ({ entity, environment }) => ({
                    versions: [`${entity.metadata.name} ${environment}`],
                  }),
                  plan: async ({ input, environment, entity }) =>
                    createPlan({
                      intent: { version: input.version },
                      entityRef: `component:default/${entity.metadata.name}`,
                      environment,
                      keys: keysOf(entity.metadata.name, environment),
                      problems,
                    }),
                });
                actions.addActionKind({
                  ...createKind({
                    kind: 'slow',
                    handlers: {
                      slow: doing(async context => {
                        context.log('begun');
                        await gate.promise;
                        await atEnd(context);
                      }),
                    },
                  }),
                  plan: async ({ entity, environment }) =>
                    createPlan({
                      kind: 'slow',
                      entityRef: `component:default/${entity.metadata.name}`,
                      environment,
                      title: `Try ${entity.metadata.name} slowly`,
                      keys: keysOf(entity.metadata.name, environment),
                      steps: [slow],
                    }),
                });
                sources.addSource({
                  id: 'consent',
                  actions: ['test'],
                  read: async () => facts,
                });
              },
            });
          },
        }),
        mockServices.rootConfig.factory({
          data: {
            app: { baseUrl: 'http://portal' },
            switchyard: {
              environments: [{ name: 'production' }, { name: 'development' }],
            },
          },
        }),
        mockServices.database.mock(
          database.createService(database.createKnex()),
        ).factory,
        mockServices.auditor.mock(auditor).factory,
        mockServices.permissions.mock({
          authorizeConditional: async (queries, options) => {
            permissionRequests += 1;
            return queries.map(query =>
              decide(query, userOf((options as any).credentials)),
            );
          },
        }).factory,
        catalogServiceMock.mock({
          getEntityByRef: async (ref, options) =>
            find(
              String(ref),
              (options as CatalogServiceRequestOptions).credentials,
            ),
          getEntitiesByRefs: async ({ entityRefs }, options) => ({
            items: entityRefs.map(ref =>
              find(ref, (options as CatalogServiceRequestOptions).credentials),
            ),
          }),
        }).factory,
        createServiceFactory({
          service: signalsServiceRef,
          deps: {},
          factory: () => ({
            publish: async signal => void signals.push(signal),
          }),
        }),
      ],
    });
  });

  afterAll(async () => {
    gate.open();
    await backend?.stop();
    await database?.drop();
  });

  beforeEach(() => {
    gate = createGate();
    atEnd = async () => {};
    problems = [];
    facts = { state: 'read', asOf: '', facts: [] };
    sharedKey = undefined;
    permissionRequests = 0;
    signals.length = 0;
    jest.mocked(auditor.createEvent).mockClear();
  });

  const as = (name: string) => callAs(backend, name);
  const body = (more: object = {}) => ({
    action: 'test',
    entityRef: ENTITY_REF,
    environment: 'production',
    input: { version: 'v2' },
    ...more,
  });
  let keyCount = 0;
  const ask = async (name: string, more: object = {}) => {
    const { body: preview } = await as('omar')
      .post('/v1/previews', body(more))
      .expect(200);
    keyCount += 1;
    return as(name)
      .post('/v1/runs', {
        ...body(more),
        reason: 'To see it work',
        planHash: preview.planHash,
      })
      .set('Idempotency-Key', `key-${keyCount}`);
  };
  const reaches = async (id: string, status: string) => {
    let run: any;
    await until(
      async () =>
        (run = (await as('omar').get(`/v1/runs/${id}`)).body).status === status,
    );
    return run;
  };
  /** A run that is running may still be asking whether it may. */
  const begins = (id: string) =>
    until(
      async () =>
        (await as('omar').get(`/v1/runs/${id}`)).body.steps[0].status ===
        'running',
    );
  const state = async (name: string, entity = 'orders') =>
    (
      await as(name)
        .get(`/v1/entities/component/default/${entity}/state`)
        .expect(200)
    ).body;

  describe('a request', () => {
    it('goes from preview to success', async () => {
      const { body: preview } = await as('dana')
        .post('/v1/previews', body())
        .expect(200);
      expect(preview).toMatchObject({
        planHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        verdict: { allowed: true, blockers: [], warnings: [] },
        ahead: [],
      });
      const created = await ask('dana');
      expect(created.status).toBe(201);
      expect(created.body).toMatchObject({
        kind: 'test',
        title: 'Try it',
        requestedBy: 'user:default/dana',
        reason: 'To see it work',
        stepsTotal: 2,
      });
      const run = await reaches(created.body.id, 'succeeded');
      expect(run).toMatchObject({
        stepsDone: 2,
        plan: { kind: 'test', version: 1 },
        verbs: [{ verb: 'fork', allowed: true }],
      });
      expect(run.steps.map((step: RunStep) => step.status)).toEqual([
        'succeeded',
        'succeeded',
      ]);
    });

    it('that is sent twice makes one run; its key for something else is refused', async () => {
      const { body: preview } = await as('dana').post('/v1/previews', body());
      const send = (more: object = {}) =>
        as('dana')
          .post('/v1/runs', {
            ...body(),
            reason: 'Twice',
            planHash: preview.planHash,
            ...more,
          })
          .set('Idempotency-Key', 'twice');
      const answers = await Promise.all([send(), send(), send()]);
      expect(new Set(answers.map(answer => answer.body.id)).size).toBe(1);
      expect(answers.map(answer => answer.status).sort()).toEqual([
        200, 200, 201,
      ]);
      const other = await send({ reason: 'Something else' });
      expect(other.status).toBe(409);
      expect(other.body.error.message).toContain('Idempotency-Key');
      // Keys belong to a person.
      expect(
        (
          await send().set({
            Authorization: mockCredentials.user.header('user:default/omar'),
          })
        ).status,
      ).toBe(201);
    });

    it('for a plan that is no longer the one that was shown is refused', async () => {
      const answer = await as('dana')
        .post('/v1/runs', {
          ...body(),
          reason: 'Old',
          planHash: 'a'.repeat(64),
        })
        .set('Idempotency-Key', 'old');
      expect(answer.status).toBe(409);
      expect(answer.body.error).toMatchObject({
        blockers: [{ type: 'plan-changed' }],
      });
    });

    it('for a plan with a problem is refused with the problem', async () => {
      problems = [{ what: 'No such version', why: 'The registry has no v2.' }];
      const preview = await as('dana').post('/v1/previews', body()).expect(200);
      expect(preview.body.verdict).toMatchObject({
        allowed: false,
        blockers: [{ type: 'plan-problem' }],
      });
      const answer = await ask('dana');
      expect(answer.status).toBe(409);
      expect(answer.body.error.message).toBe('The registry has no v2.');
    });

    it('is refused where the target does not agree, and where that cannot be read', async () => {
      const ref = 'Application argocd/orders-blue';
      facts = {
        state: 'read',
        asOf: '',
        facts: [
          { type: 'consent', ref, given: false, why: 'Add an annotation.' },
        ],
      };
      expect((await ask('omar')).body.error).toMatchObject({
        blockers: [{ type: 'consent', ref }],
      });
      facts = { state: 'not-readable', why: 'Argo CD is away.' };
      const answer = await ask('omar');
      expect(answer.status).toBe(409);
      expect(answer.body.error.blockers).toMatchObject([
        { type: 'source-not-readable', why: 'Argo CD is away.' },
      ]);
    });

    it.each<[string, object, string]>([
      ['an unknown action', { action: 'dance' }, "there is no action 'dance'"],
      [
        'an environment where it does not run',
        { environment: 'moon' },
        "does not run in 'moon'",
      ],
      ['input of another shape', { input: { version: 7 } }, 'input.version'],
      ['no entity ref', { entityRef: 'orders?' }, 'entityRef'],
      [
        'a ref with the sign that parts permissions',
        { entityRef: 'component:default/a|b' },
        'entityRef',
      ],
      ['more than it knows', { extra: 1 }, 'extra'],
      [
        'control characters',
        { environment: 'produc\u0007tion' },
        'environment',
      ],
    ])('with %s is told so', async (_, more, message) => {
      const answer = await as('omar').post('/v1/previews', body(more));
      expect(answer.status).toBe(400);
      expect(answer.body.error).toMatchObject({
        name: 'InputError',
        message: expect.stringContaining(message),
      });
    });

    it.each<[string, object, string]>([
      ['an empty reason', { reason: '  ' }, 'reason'],
      [
        'a reason that forges a trailer',
        { reason: 'x\nSigned-off-by: y' },
        'reason',
      ],
      ['a reason that turns text round', { reason: 'x\u202ey' }, 'reason'],
      ['an endless reason', { reason: 'x'.repeat(501) }, 'reason'],
      ['a hash that is none', { planHash: 'abc' }, 'planHash'],
    ])('with %s is told so', async (_, more, field) => {
      const answer = await as('omar')
        .post('/v1/runs', {
          ...body(),
          reason: 'r',
          planHash: 'a'.repeat(64),
          ...more,
        })
        .set('Idempotency-Key', 'bad');
      expect(answer.status).toBe(400);
      expect(answer.body.error.message).toContain(field);
    });

    it('without a key, with a bad one, or with a body that is no JSON is told so', async () => {
      const whole = { ...body(), reason: 'r', planHash: 'a'.repeat(64) };
      const without = await as('omar').post('/v1/runs', whole);
      expect([without.status, without.body.error.message]).toEqual([
        400,
        expect.stringContaining('Idempotency-Key'),
      ]);
      expect(
        (await as('omar').post('/v1/runs', whole).set('Idempotency-Key', 'a b'))
          .status,
      ).toBe(400);
      const broken = await as('omar')
        .post('/v1/runs')
        .set('Content-Type', 'application/json')
        .send('{"action":');
      expect(broken.status).toBe(400);
    });
  });

  describe('permission', () => {
    it('is asked of everybody: 401 without a sign-in, for services too', async () => {
      const nobody = mockCredentials.none.header();
      await request(backend.server)
        .get('/api/runs/v1/runs')
        .set('Authorization', nobody)
        .expect(401);
      const service = await request(backend.server)
        .post('/api/runs/v1/previews')
        .set('Authorization', mockCredentials.service.header())
        .send(body());
      expect(service.status).toBe(403);
    });

    it('lets nobody ship what another team owns, elsewhere, or as a guest', async () => {
      for (const [name, more] of [
        ['ravi', {}],
        ['guest', {}],
        ['dana', { environment: 'development' }],
      ] as const) {
        expect((await as(name).post('/v1/previews', body(more))).status).toBe(
          403,
        );
        const answer = await ask(name, more);
        expect(answer.status).toBe(403);
        expect(answer.body.error.message).toContain(
          'You may not test component:default/orders',
        );
        expect(answer.body.error.message).toContain('group:default/storefront');
      }
      expect(
        (
          await as('ravi').post('/v1/locks', {
            entityRef: ENTITY_REF,
            reason: 'r',
          })
        ).status,
      ).toBe(403);
    });

    it('is asked for what can be chosen too, which is there where the action has any', async () => {
      const choices = (name: string, query: string, entity = 'orders') =>
        as(name).get(
          `/v1/entities/component/default/${entity}/choices?${query}`,
        );
      const known = await choices('dana', 'action=test&environment=production');
      expect([known.status, known.body]).toEqual([
        200,
        { versions: ['orders production'] },
      ]);
      for (const [name, query, status, words] of [
        ['ravi', 'action=test&environment=production', 403, 'You may not test'],
        ['dana', 'action=test&environment=development', 403, 'You may not'],
        ['omar', 'action=test&environment=moon', 400, "run in 'moon'"],
        ['omar', 'action=fly&environment=production', 400, "no action 'fly'"],
        [
          'omar',
          'action=slow&environment=production',
          404,
          'nothing to choose',
        ],
        ['omar', 'action=test', 400, 'environment'],
      ] as const) {
        const answer = await choices(name, query);
        expect([query, answer.status]).toEqual([query, status]);
        expect(answer.body.error.message).toContain(words);
      }
      expect(
        (await choices('ravi', 'action=test&environment=production', 'hidden'))
          .status,
      ).toBe(404);
    });

    it('answers as if hidden components were not there', async () => {
      const more = { entityRef: 'component:default/hidden' };
      expect(
        (await as('ravi').get('/v1/entities/component/default/hidden/state'))
          .status,
      ).toBe(404);
      expect((await as('ravi').post('/v1/previews', body(more))).status).toBe(
        404,
      );
      const { body: run } = await ask('omar', more);
      await reaches(run.id, 'succeeded');
      const answer = await as('ravi').get(`/v1/runs/${run.id}`);
      expect(answer.status).toBe(404);
      expect(answer.body.error.message).toBe('There is no such run');
      for (const path of VERB_PATHS) {
        expect(
          (await as('ravi').post(`/v1/runs/${run.id}/${path}`, bodyOf(path)))
            .status,
        ).toBe(404);
      }
      expect(
        (await as('ravi').get(`/v1/runs/${run.id}/steps/one/log`)).status,
      ).toBe(404);
      const { body: list } = await as('ravi').get('/v1/runs?limit=100');
      expect(list.items.map((each: any) => each.entityRef)).not.toContain(
        'component:default/hidden',
      );
      expect(
        (await as('omar').get('/v1/runs?limit=100')).body.items.map(
          (each: any) => each.entityRef,
        ),
      ).toContain('component:default/hidden');
    });

    it('refuses reading where it is denied', async () => {
      for (const path of [
        '/v1/runs',
        '/v1/locks',
        '/v1/entities/component/default/orders/state',
      ]) {
        expect((await as('nobody').get(path)).status).toBe(403);
      }
    });

    it('shows each person the buttons that the person could use, with the reason why not', async () => {
      const show = async (name: string) =>
        (await state(name)).actions.map(
          (action: any) =>
            `${action.action} ${action.environment} ${
              action.visible ? 'visible' : 'hidden'
            } ${
              action.allowed
                ? 'allowed'
                : action.blockers.map((blocker: any) => blocker.type)
            }`,
        );
      const rows = (test: string, lock: string, dev = test) => [
        `test production ${test}`,
        `test development ${dev}`,
        `slow production ${test}`,
        `slow development ${dev}`,
        `lock production ${lock}`,
        `lock development ${lock}`,
      ];
      expect(await show('omar')).toEqual(
        rows('visible allowed', 'visible allowed'),
      );
      expect(await show('dana')).toEqual(
        rows('visible allowed', 'hidden permission', 'visible permission'),
      );
      expect(await show('ravi')).toEqual(
        rows('visible permission', 'hidden permission'),
      );
      expect(await show('guest')).toEqual(
        rows('hidden permission', 'hidden permission'),
      );
    });

    it('is asked once for a whole page', async () => {
      // Somebody who has not asked a moment ago.
      await state('vera');
      expect(permissionRequests).toBe(1);
      await state('vera');
      expect(permissionRequests).toBe(1);
      // What is asked for is decided anew.
      await as('vera').post('/v1/previews', body());
      expect(permissionRequests).toBeGreaterThan(1);
    });
  });

  describe('a run', () => {
    it('waits behind the one ahead, and says so everywhere', async () => {
      const more = { action: 'slow', entityRef: 'component:default/busy' };
      const first = (await ask('dana', more)).body;
      await reaches(first.id, 'running');
      const preview = await as('dana').post(
        '/v1/previews',
        body({ entityRef: 'component:default/busy' }),
      );
      expect(preview.body.ahead).toMatchObject([{ id: first.id }]);
      expect(preview.body.verdict.warnings).toMatchObject([
        { what: `Run #${first.number} is ahead` },
      ]);
      const second = (
        await ask('dana', { entityRef: 'component:default/busy' })
      ).body;
      expect(second).toMatchObject({
        status: 'waiting',
        waiting: {
          reason: 'key-taken',
          behind: { id: first.id, number: first.number },
        },
      });
      const { active } = await state('ravi', 'busy');
      expect(
        active.map((run: any) => [
          run.number,
          run.status,
          run.currentStep?.title,
        ]),
      ).toEqual([
        [first.number, 'running', 'Step one'],
        [second.number, 'waiting', undefined],
      ]);
      expect(
        (await as('dana').get('/v1/runs?status=waiting')).body.items,
      ).toHaveLength(1);
      expect(
        (await as('dana').get('/v1/runs?status=queued')).body.items,
      ).toHaveLength(0);
      expect(
        (await as('dana').get('/v1/runs?status=waiting&status=running')).body
          .items,
      ).toHaveLength(2);

      gate.open();
      await reaches(first.id, 'succeeded');
      await reaches(second.id, 'succeeded');
    });

    it('names no run ahead to those who may not see its component', async () => {
      sharedKey = 'Application argocd/shop';
      const hidden = { entityRef: 'component:default/hidden' };
      const chat = { entityRef: 'component:default/chat' };
      const first = (await ask('dana', { ...hidden, action: 'slow' })).body;
      await reaches(first.id, 'running');
      const second = (await ask('ravi', chat)).body;
      expect(second.waiting).toEqual({
        reason: 'key-taken',
        message: 'Starts after another run',
        since: expect.any(String),
        blockers: [],
      });

      const show = async (name: string) => ({
        preview: (await as(name).post('/v1/previews', body(chat)).expect(200))
          .body,
        run: (await as(name).get(`/v1/runs/${second.id}`).expect(200)).body,
        runs: (
          await as(name).get('/v1/runs?entityRef=component:chat').expect(200)
        ).body,
        state: await state(name, 'chat'),
      });
      const toRavi = await show('ravi');
      expect(toRavi.preview).toMatchObject({
        ahead: [{ id: second.id }],
        verdict: {
          warnings: [
            { what: `Run #${second.number} is ahead` },
            {
              what: 'Another run is ahead',
              why: 'This would start after another run.',
            },
          ],
        },
      });
      for (const run of [
        toRavi.run,
        toRavi.runs.items[0],
        toRavi.state.active[0],
      ])
        expect(run.waiting).toEqual(second.waiting);
      expect(JSON.stringify(toRavi)).not.toMatch(
        new RegExp(`hidden|${first.id}|#${first.number}`),
      );

      const toOmar = await show('omar');
      expect(toOmar.preview.ahead).toMatchObject([
        { id: first.id },
        { id: second.id },
      ]);
      const named = `Starts after run #${first.number}, Try hidden slowly`;
      for (const run of [
        toOmar.run,
        toOmar.runs.items[0],
        toOmar.state.active[0],
      ])
        expect(run.waiting).toMatchObject({
          message: named,
          behind: { id: first.id },
        });
      gate.open();
      await reaches(second.id, 'succeeded');
    });

    it('can be steered by those who may, and tells the others why not', async () => {
      const more = { action: 'slow', entityRef: 'component:default/busy' };
      const { id, number } = (await ask('dana', more)).body;
      await begins(id);
      expect((await as('dana').get(`/v1/runs/${id}`)).body.verbs).toEqual([
        { verb: 'cancel', allowed: true },
        { verb: 'pause', allowed: true },
        { verb: 'fork', allowed: true },
      ]);
      const steering = expect.stringContaining(
        'You may not steer runs of slow',
      );
      expect((await as('ravi').get(`/v1/runs/${id}`)).body.verbs).toEqual([
        { verb: 'cancel', allowed: false, why: steering },
        { verb: 'pause', allowed: false, why: steering },
        {
          verb: 'fork',
          allowed: false,
          why: expect.stringContaining('You may not slow component'),
        },
      ]);
      expect((await as('guest').get(`/v1/runs/${id}`)).body.verbs).toEqual([]);
      for (const path of VERB_PATHS)
        expect(
          (await as('ravi').post(`/v1/runs/${id}/${path}`, bodyOf(path)))
            .status,
        ).toBe(403);
      expect((await as('dana').post(`/v1/runs/${id}/confirm`)).status).toBe(
        409,
      );
      expect(
        (await as('dana').post(`/v1/runs/${id}/steps/one/retry`)).status,
      ).toBe(409);
      expect(
        (await as('dana').post(`/v1/runs/${id}/steps/nine/retry`)).status,
      ).toBe(404);

      await as('dana').post(`/v1/runs/${id}/cancel`).expect(200);
      expect((await as('dana').get(`/v1/runs/${id}`)).body.verbs).toMatchObject(
        [
          { verb: 'cancel', allowed: false },
          { verb: 'pause', allowed: false },
          { verb: 'fork' },
        ],
      );
      gate.open();
      // Its only step had begun before; with it, the run is done.
      await reaches(id, 'succeeded');
      const late = await as('dana').post(`/v1/runs/${id}/cancel`);
      expect([late.status, late.body.error.message]).toEqual([
        409,
        `Run #${number} has ended and cannot be cancelled`,
      ]);
      const log = await as('dana').get(`/v1/runs/${id}/steps/one/log`);
      expect(log.body.items).toMatchObject([
        { level: 'info', message: 'begun' },
      ]);
    });

    it('is found page by page, and by what it is', async () => {
      const { body: all } = await as('omar').get('/v1/runs?limit=100');
      const seen: number[] = [];
      let cursor: string | undefined = '';
      while (cursor !== undefined) {
        const { body: page }: { body: any } = await as('omar').get(
          `/v1/runs?limit=3${cursor && `&cursor=${cursor}`}`,
        );
        seen.push(...page.items.map((run: any) => run.number));
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(all.items.map((run: any) => run.number));
      expect(seen.length).toBeGreaterThan(3);
      const { body: slow } = await as('omar').get(
        '/v1/runs?kind=slow&entityRef=Component:busy',
      );
      expect(new Set(slow.items.map((run: any) => run.kind))).toEqual(
        new Set(['slow']),
      );
      for (const query of [
        'environment=development',
        'requestedBy=user:default/dana',
        'from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z',
      ]) {
        const { body: some } = await as('omar').get(
          `/v1/runs?limit=100&${query}`,
        );
        const expected = all.items.filter((run: any) =>
          query.startsWith('environment')
            ? run.environment === 'development'
            : query.startsWith('from') ||
              run.requestedBy === 'user:default/dana',
        );
        expect(some.items.map((run: any) => run.number)).toEqual(
          expected.map((run: any) => run.number),
        );
      }
      const { body: none } = await as('omar').get(
        '/v1/runs?to=2020-01-01T00:00:00Z',
      );
      expect(none.items).toEqual([]);
      const { body: kinds } = await as('omar').get('/v1/kinds');
      expect(kinds.items).toEqual([
        { kind: 'test', title: 'Try' },
        { kind: 'slow', title: 'Try' },
      ]);
      expect((await as('nobody').get('/v1/kinds')).status).toBe(403);
      for (const query of [
        'from=yesterday',
        'requestedBy=dana',
        'environment=%00',
        'limit=0',
        'limit=x',
        'status=happy',
        'cursor=-1',
        'entityRef=%00',
      ]) {
        expect((await as('omar').get(`/v1/runs?${query}`)).status).toBe(400);
      }
      expect((await as('omar').get('/v1/runs/not-an-id')).status).toBe(400);
      expect(
        (await as('omar').get('/v1/runs/00000000-0000-4000-8000-000000000000'))
          .status,
      ).toBe(404);
    });
  });

  describe('a lock', () => {
    const target = {
      entityRef: 'component:default/locked',
      environment: 'production',
    };

    it('stops others with its reason, at the button and by curl, until it is released', async () => {
      const expiresAt = new Date(Date.now() + 3_600_000).toISOString();
      const created = await as('omar').post('/v1/locks', {
        ...target,
        reason: 'Stock-taking',
        expiresAt,
      });
      expect(created.status).toBe(201);
      expect(created.body).toMatchObject({
        ...target,
        reason: 'Stock-taking',
        expiresAt,
        createdBy: 'user:default/omar',
      });

      const { locks, actions } = await state('dana', 'locked');
      expect(locks).toMatchObject([
        {
          id: created.body.id,
          release: {
            allowed: false,
            why: expect.stringContaining('release the locks of others'),
          },
        },
      ]);
      const button = actions.find(
        (action: any) =>
          action.action === 'test' && action.environment === 'production',
      );
      expect(button).toMatchObject({
        visible: true,
        allowed: false,
        blockers: [
          {
            type: 'lock',
            why: 'Locked by omar: Stock-taking',
            until: expiresAt,
          },
        ],
      });
      const refused = await ask('dana', target);
      expect(refused.status).toBe(409);
      expect(refused.body.error.message).toBe('Locked by omar: Stock-taking');
      expect((await ask('omar', target)).status).toBe(201);

      expect(
        (await as('dana').post(`/v1/locks/${created.body.id}/release`)).status,
      ).toBe(403);
      expect(
        (await as('dana').get('/v1/locks?entityRef=component:default/locked'))
          .body.items,
      ).toHaveLength(1);
      expect(
        (await as('dana').get('/v1/locks?entityRef=component:default/orders'))
          .body.items,
      ).toEqual([]);
      await as('omar').post(`/v1/locks/${created.body.id}/release`).expect(200);
      expect(
        (await as('omar').post(`/v1/locks/${created.body.id}/release`)).status,
      ).toBe(404);
      expect((await ask('dana', target)).status).toBe(201);
    });

    it('binds what deploys the same target too, until it is released', async () => {
      const share = (entityRef: string): FactReading => ({
        state: 'read',
        asOf: '',
        facts: [
          { type: 'shared-target', ref: 'Application argocd/shop', entityRef },
        ],
      });
      const other = { entityRef: 'component:default/twin' };
      const { channel, hash } = await state('dana', 'twin');
      facts = share(other.entityRef);
      const lock = (
        await as('omar').post('/v1/locks', {
          ...target,
          reason: 'Stock-taking',
        })
      ).body;
      // Whoever has the page of the other one open is told to look again.
      await until(() => signals.some(each => each.channel === channel));
      expect(
        signals.find(each => each.channel === channel)?.message.hash,
      ).not.toBe(hash);
      // Sharing goes both ways.
      facts = share(target.entityRef);
      const why =
        'Locked by omar: Stock-taking (on component:default/locked, which also deploys Application argocd/shop)';

      const { actions, locks } = await state('dana', 'twin');
      const blockersIn = (environment: string) =>
        actions.find(
          (action: any) =>
            action.action === 'test' && action.environment === environment,
        ).blockers;
      expect(blockersIn('production')).toMatchObject([{ type: 'lock', why }]);
      expect(blockersIn('development')).toMatchObject([{ type: 'permission' }]);
      expect(locks).toMatchObject([
        {
          id: lock.id,
          entityRef: target.entityRef,
          release: {
            allowed: false,
            why: expect.stringContaining('component:default/locked'),
          },
        },
      ]);
      expect(
        (await as('dana').get('/v1/locks?entityRef=component:twin')).body.items,
      ).toEqual(locks);
      const refused = await ask('dana', other);
      expect([refused.status, refused.body.error.message]).toEqual([409, why]);
      expect((await ask('omar', other)).status).toBe(201);
      await as('omar').post(`/v1/locks/${lock.id}/release`).expect(200);
      expect((await ask('dana', other)).status).toBe(201);
    });

    it('on a component that somebody may not see binds without telling of it', async () => {
      facts = {
        state: 'read',
        asOf: '',
        facts: [
          {
            type: 'shared-target',
            ref: 'Application argocd/shop',
            entityRef: 'component:default/hidden',
          },
        ],
      };
      const lock = (
        await as('omar').post('/v1/locks', {
          entityRef: 'component:default/hidden',
          reason: 'Stock-taking',
        })
      ).body;
      const chat = { entityRef: 'component:default/chat' };
      const why =
        'Locked on another component, which also deploys Application argocd/shop.';
      const refused = await ask('ravi', chat);
      expect([refused.status, refused.body.error.message]).toEqual([409, why]);
      const shown = await state('ravi', 'chat');
      expect(shown.actions[0]).toMatchObject({
        allowed: false,
        blockers: [{ type: 'lock', why }],
      });
      expect(
        (await as('ravi').get('/v1/locks?entityRef=component:chat')).body.items,
      ).toEqual([]);
      expect(
        JSON.stringify([refused.body, { ...shown, recent: [] }]),
      ).not.toMatch(/hidden|omar|Stock/);
      await as('omar').post(`/v1/locks/${lock.id}/release`).expect(200);
    });

    it('lets a parked run be confirmed only after it is lifted, and only by those who may', async () => {
      const more = { action: 'slow', entityRef: 'component:default/locked' };
      const ahead = (await ask('dana', more)).body;
      await reaches(ahead.id, 'running');
      const { id } = (await ask('dana', target)).body;
      const lock = (
        await as('omar').post('/v1/locks', {
          entityRef: target.entityRef,
          reason: 'Stock-taking',
        })
      ).body;
      gate.open();
      const parked = await reaches(id, 'waiting').then(() =>
        as('dana').get(`/v1/runs/${id}`),
      );
      await until(
        async () =>
          (await as('dana').get(`/v1/runs/${id}`)).body.waiting?.reason ===
          'parked',
      );
      expect(parked.status).toBe(200);
      const show = async (name: string) =>
        (await as(name).get(`/v1/runs/${id}`)).body;
      expect(await show('dana')).toMatchObject({
        waiting: {
          reason: 'parked',
          ready: false,
          blockers: [{ type: 'lock' }],
        },
        verbs: [
          { verb: 'cancel' },
          {
            verb: 'confirm',
            allowed: false,
            why: expect.stringContaining('Stock-taking'),
          },
        ],
      });
      // Who holds the lock may go on.
      expect((await show('omar')).waiting).toMatchObject({ ready: true });
      const refused = await as('dana').post(`/v1/runs/${id}/confirm`);
      expect([refused.status, refused.body.error.blockers]).toMatchObject([
        409,
        [{ type: 'lock' }],
      ]);

      await as('omar').post(`/v1/locks/${lock.id}/release`).expect(200);
      expect((await show('dana')).waiting).toMatchObject({ ready: true });
      expect((await as('ravi').post(`/v1/runs/${id}/confirm`)).status).toBe(
        403,
      );
      await as('dana').post(`/v1/runs/${id}/confirm`).expect(200);
      await reaches(id, 'succeeded');
    });

    it('tells a step what a person has accepted, which the end of a lock is not, and what is to be tried again', async () => {
      const told: unknown[] = [];
      const found = 'The file says v9';
      const ends = [
        (context: StepContext) => context.beforeEffect(),
        async () => Promise.reject(new StepParkedError(found)),
        async () => Promise.reject(new StepFailedError('It cannot be done')),
        async () => {},
      ];
      atEnd = async context => {
        told.push([context.confirmed?.found, context.retried?.by]);
        await ends[told.length - 1](context);
      };
      const { id } = (await ask('dana', { ...target, action: 'slow' })).body;
      await begins(id);
      const lock = (
        await as('omar').post('/v1/locks', {
          entityRef: target.entityRef,
          reason: 'Stock-taking',
        })
      ).body;
      gate.open();
      await reaches(id, 'waiting');
      await as('omar').post(`/v1/locks/${lock.id}/release`).expect(200);
      await as('dana').post(`/v1/runs/${id}/confirm`).expect(200);
      await until(() => told.length === 2);
      await reaches(id, 'waiting');
      await as('dana').post(`/v1/runs/${id}/confirm`).expect(200);
      await reaches(id, 'failed');
      await as('dana').post(`/v1/runs/${id}/steps/one/retry`).expect(200);
      await reaches(id, 'succeeded');
      expect(told).toEqual([
        [undefined, undefined],
        [undefined, undefined],
        [found, undefined],
        [undefined, 'user:default/dana'],
      ]);
    });

    it.each<[string, object, string]>([
      ['no reason', {}, 'reason'],
      [
        'an unknown environment',
        { reason: 'r', environment: 'moon' },
        'environment',
      ],
      [
        'an end in the past',
        { reason: 'r', expiresAt: '2020-01-01T00:00:00Z' },
        'expiresAt',
      ],
      [
        'an end that is no time',
        { reason: 'r', expiresAt: 'tomorrow' },
        'expiresAt',
      ],
    ])('with %s is told so', async (_, more, field) => {
      const answer = await as('omar').post('/v1/locks', {
        entityRef: ENTITY_REF,
        ...more,
      });
      expect(answer.status).toBe(400);
      expect(answer.body.error.message).toContain(field);
    });
  });

  describe('the state of a component', () => {
    it('answers 304 while nothing has changed, and carries the hash that the signal brings', async () => {
      const path = '/v1/entities/component/default/orders/state';
      const first = await as('dana').get(path);
      expect(
        (await as('dana').get(path).set('If-None-Match', first.headers.etag))
          .status,
      ).toBe(304);
      expect(first.body.channel).toMatch(/^runs:[0-9a-f]{32}$/);
      expect(first.body.channel).not.toBe(
        (await state('dana', 'busy')).channel,
      );

      const { id } = (await ask('dana')).body;
      await reaches(id, 'succeeded');
      const second = await as('dana')
        .get(path)
        .set('If-None-Match', first.headers.etag);
      expect(second.status).toBe(200);
      expect(second.body.recent[0]).toMatchObject({ id, status: 'succeeded' });
      await until(
        () =>
          signals.at(-1) !== undefined &&
          signals.some(each => each.message.hash === second.body.hash),
      );
      const told = signals.filter(each => each.channel === second.body.channel);
      expect(told.at(-1)).toEqual({
        recipients: { type: 'broadcast' },
        channel: second.body.channel,
        message: { hash: second.body.hash },
      });
      const detail = (await as('dana').get(`/v1/runs/${id}`)).body;
      await until(() =>
        signals.some(
          each =>
            each.channel === detail.channel &&
            each.message.hash === detail.hash,
        ),
      );
      // Nothing in a signal says what it is about.
      expect(JSON.stringify(signals)).not.toMatch(/orders|component|test/);
    });

    it('rings when a lock has ended by itself', async () => {
      const expiresAt = new Date(Date.now() + 1_000).toISOString();
      await as('omar')
        .post('/v1/locks', {
          entityRef: ENTITY_REF,
          reason: 'Short',
          expiresAt,
        })
        .expect(201);
      const { channel, hash, locks } = await state('dana');
      expect(locks).toHaveLength(1);
      await until(() =>
        signals.some(
          each => each.channel === channel && each.message.hash === hash,
        ),
      );
      await until(() =>
        signals.some(
          each => each.channel === channel && each.message.hash !== hash,
        ),
      );
      expect((await state('dana')).locks).toEqual([]);
    });
  });

  it('leaves a trace of every write, and of every attempt at one', async () => {
    const { id } = (await ask('dana')).body;
    await reaches(id, 'succeeded');
    await as('ravi').post('/v1/locks', { entityRef: ENTITY_REF, reason: 'r' });
    const lock = (
      await as('omar').post('/v1/locks', { entityRef: ENTITY_REF, reason: 'r' })
    ).body;
    await as('omar').post(`/v1/locks/${lock.id}/release`);
    await as('omar').post(`/v1/runs/${id}/cancel`);
    const events = jest
      .mocked(auditor.createEvent)
      .mock.calls.map(([event]) => [event.eventId, event.meta?.actionType]);
    expect(events).toEqual([
      ['run-preview', 'preview'],
      ['run-create', 'create'],
      ['lock-create', 'create'],
      ['lock-create', 'create'],
      ['lock-release', 'release'],
      ['run-verb', 'cancel'],
    ]);
  });

  it('describes itself, and says that it is well', async () => {
    const { body: document } = await as('guest')
      .get('/openapi.json')
      .expect(200);
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'runs' },
    });
    const health = await request(backend.server)
      .get('/api/runs/v1/health')
      .set('Authorization', mockCredentials.none.header());
    expect([health.status, health.body]).toMatchObject([
      200,
      { status: 'ok', worker: true, database: 'ok' },
    ]);
    expect(health.body.claimLoopAgeMs).toBeLessThan(5_000);
  });
});
