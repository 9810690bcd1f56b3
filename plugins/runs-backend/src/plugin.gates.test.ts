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
import { Entity } from '@backstage/catalog-model';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { CatalogServiceRequestOptions } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { runApprovePermission } from '@switchyard/backstage-plugin-runs-common';
import { runsActionsExtensionPoint } from '@switchyard/backstage-plugin-runs-node';
import { runsPlugin } from './plugin';
import { callAs } from './tests/callAs';
import { TestDatabase } from './tests/TestDatabase';
import { createKind, createPlan, ENTITY_REF, until } from './tests/testKind';

jest.setTimeout(30_000);

const PLATFORM = 'group:default/platform';
const GROUPS: Record<string, string[]> = {
  dana: ['group:default/storefront'],
  omar: ['group:default/storefront', PLATFORM],
  inge: [PLATFORM],
  ivo: [PLATFORM],
};

const entity = (
  kind: string,
  name: string,
  relations: Entity['relations'] = [],
): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: { name, namespace: 'default' },
  relations,
});
const entities = [
  entity('Component', 'orders', [
    { type: 'ownedBy', targetRef: 'group:default/storefront' },
  ]),
  entity(
    'Group',
    'platform',
    ['omar', 'inge', 'ivo'].map(name => ({
      type: 'hasMember',
      targetRef: `user:default/${name}`,
    })),
  ),
  ...[...Object.keys(GROUPS), 'eve', 'hal'].map(name =>
    entity(
      'User',
      name,
      (GROUPS[name] ?? []).map(targetRef => ({ type: 'memberOf', targetRef })),
    ),
  ),
];
const nameOf = (credentials: BackstageCredentials) =>
  (credentials.principal as BackstageUserPrincipal).userEntityRef.replace(
    'user:default/',
    '',
  );

describe('approvals over HTTP', () => {
  let database: TestDatabase;
  let backend: TestBackend;
  let mayNotApprove: string[] = [];
  const auditor = mockServices.auditor.mock({
    createEvent: async () => ({
      success: async () => {},
      fail: async () => {},
    }),
  });

  beforeAll(async () => {
    database = await TestDatabase.create();
    // hal may not see the component.
    const find = (ref: string, { credentials }: CatalogServiceRequestOptions) =>
      entities.find(
        each =>
          `${each.kind.toLocaleLowerCase('en-US')}:default/${
            each.metadata.name
          }` === ref &&
          !(
            each.kind === 'Component' &&
            (credentials.principal as { userEntityRef?: string })
              .userEntityRef === 'user:default/hal'
          ),
      );
    backend = await startTestBackend({
      features: [
        runsPlugin,
        createBackendModule({
          pluginId: 'runs',
          moduleId: 'test',
          register(env) {
            env.registerInit({
              deps: { actions: runsActionsExtensionPoint },
              async init({ actions }) {
                actions.addActionKind(createKind({}));
                actions.addActionKind(
                  createKind({
                    kind: 'paused',
                    plan: version =>
                      createPlan({
                        kind: 'paused',
                        intent: { version },
                        gates: [
                          {
                            name: 'look',
                            kind: 'pause',
                            title: 'Look at the first',
                            before: 'two',
                          },
                        ],
                      }),
                  }),
                );
              },
            });
          },
        }),
        mockServices.rootConfig.factory({
          data: {
            switchyard: {
              environments: [{ name: 'production' }, { name: 'development' }],
              runs: {
                approvals: [
                  {
                    name: 'two for production',
                    match: { environments: ['production'], actions: ['test'] },
                    approvals: 2,
                    from: { groups: [PLATFORM] },
                  },
                ],
              },
            },
          },
        }),
        mockServices.database.mock(
          database.createService(database.createKnex()),
        ).factory,
        mockServices.auditor.mock(auditor).factory,
        mockServices.userInfo.mock({
          getUserInfo: async credentials => {
            const name = nameOf(credentials);
            const self = `user:default/${name}`;
            return {
              userEntityRef: self,
              ownershipEntityRefs: [self, ...(GROUPS[name] ?? [])],
            };
          },
        }).factory,
        mockServices.permissions.mock({
          authorizeConditional: async (queries, options) =>
            queries.map(({ permission }) => ({
              result:
                permission.name === runApprovePermission.name &&
                mayNotApprove.includes(nameOf((options as any).credentials))
                  ? AuthorizeResult.DENY
                  : AuthorizeResult.ALLOW,
            })),
        }).factory,
        catalogServiceMock.mock({
          getEntityByRef: async (ref, options) =>
            find(String(ref), options as CatalogServiceRequestOptions),
          getEntitiesByRefs: async ({ entityRefs }, options) => ({
            items: entityRefs.map(ref =>
              find(ref, options as CatalogServiceRequestOptions),
            ),
          }),
        }).factory,
      ],
    });
  });

  afterAll(async () => {
    await backend?.stop();
    await database?.drop();
  });

  beforeEach(() => {
    mayNotApprove = [];
    jest.mocked(auditor.createEvent).mockClear();
  });

  const as = (name: string) => callAs(backend, name);
  const read = async (id: string, name = 'inge') =>
    (await as(name).get(`/v1/runs/${id}`).expect(200)).body;
  let count = 0;
  const ask = async (name: string, more: object = {}) => {
    count += 1;
    const body = {
      action: 'test',
      entityRef: ENTITY_REF,
      environment: 'production',
      input: { version: `v${count}` },
      ...more,
    };
    const { body: preview } = await as(name).post('/v1/previews', body);
    const { body: run } = await as(name)
      .post('/v1/runs', { ...body, reason: 'Try', planHash: preview.planHash })
      .set('Idempotency-Key', `key-${count}`)
      .expect(201);
    return { preview, run: await read(run.id) };
  };
  const reaches = (id: string, status: string) =>
    until(async () => (await read(id)).status === status);
  const say = (name: string, verb: string, run: any, more: object = {}) =>
    as(name).post(`/v1/gates/${run.gates[0].id}/${verb}`, {
      planHash: run.planHash,
      ...more,
    });

  it('go from the preview over two people to the end of the run', async () => {
    const { preview, run } = await ask('dana');
    const title = 'Needs 2 approvals of platform';
    expect(preview.verdict).toMatchObject({
      allowed: true,
      approvals: [{ name: 'two for production', title, needed: 2, missing: 2 }],
    });
    expect(run).toMatchObject({
      status: 'waiting',
      waiting: {
        reason: 'gate',
        message: 'Waits for approval of platform (0 of 2 given)',
      },
      gates: [{ status: 'closed', approval: { missing: 2 } }],
    });
    const verbsOf = async (name: string) =>
      Object.fromEntries(
        (await read(run.id, name)).gates[0].verbs.map((verb: any) => [
          verb.verb,
          verb.allowed || verb.why,
        ]),
      );
    expect(await verbsOf('inge')).toEqual({
      approve: true,
      reject: true,
      delegate: true,
    });
    expect(await verbsOf('dana')).toMatchObject({
      approve: 'You asked for it: somebody else has to agree',
      delegate: 'Who asked for it cannot add approvers',
    });
    expect(await verbsOf('eve')).toMatchObject({
      approve: 'That is for platform',
    });

    const noted = await say('inge', 'approve', run, { comment: 'Looked' });
    expect(noted.body.waiting.message).toBe(
      'Waits for approval of platform (1 of 2 given)',
    );
    expect((await say('inge', 'approve', run)).status).toBe(403);
    expect((await say('omar', 'approve', run)).status).toBe(200);
    await reaches(run.id, 'succeeded');
    expect((await say('ivo', 'approve', run)).status).toBe(409);
    const [{ approval, verbs }] = (await read(run.id)).gates;
    expect(approval).toMatchObject({
      missing: 0,
      given: [
        { by: 'user:default/inge', comment: 'Looked' },
        { by: 'user:default/omar' },
      ],
    });
    expect(verbs).toEqual([]);
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({
        eventId: 'run-gate',
        meta: { actionType: 'approve', gate: run.gates[0].id },
      }),
    );
  });

  it('are listed for whom they wait, and for who asked', async () => {
    const { run } = await ask('omar');
    const inbox = async (name: string) => {
      const { body } = await as(name).get('/v1/gates').expect(200);
      const has = (items: any[]) => items.some(item => item.run.id === run.id);
      return [has(body.forMe), has(body.mine)];
    };
    expect(await inbox('inge')).toEqual([true, false]);
    // One of the group, but the one who asked.
    expect(await inbox('omar')).toEqual([false, true]);
    expect(await inbox('eve')).toEqual([false, false]);
    expect(await inbox('hal')).toEqual([false, false]);
    mayNotApprove = ['inge'];
    expect(await inbox('inge')).toEqual([false, false]);
    await say('ivo', 'reject', run, { comment: 'No' }).expect(200);
  });

  it('end the run with the comment of who rejects', async () => {
    const { run } = await ask('dana');
    expect((await say('inge', 'reject', run)).status).toBe(400);
    const rejected = await say('inge', 'reject', run, { comment: 'Too late' });
    expect(rejected.body).toMatchObject({
      status: 'cancelled',
      cause: 'Rejected by inge: Too late',
    });
    expect((await say('omar', 'approve', run)).status).toBe(409);
    expect((await read(run.id)).gates).toMatchObject([
      {
        status: 'rejected',
        rejection: { by: 'user:default/inge', comment: 'Too late' },
      },
    ]);
  });

  it('are refused to whom they are not for, each for its own reason', async () => {
    const { run } = await ask('dana');
    const refusal = async (
      name: string,
      verb = 'approve',
      more: object = {},
    ) => {
      const { status, body } = await say(name, verb, run, more);
      return [status, body.error.message];
    };
    expect(await refusal('dana')).toEqual([
      403,
      expect.stringContaining('somebody else'),
    ]);
    expect(await refusal('eve')).toEqual([403, 'That is for platform']);
    expect(await refusal('hal')).toEqual([404, 'There is no such gate']);
    mayNotApprove = ['inge'];
    expect(await refusal('inge')).toEqual([
      403,
      expect.stringContaining('may not approve test'),
    ]);
    expect(
      await refusal('omar', 'approve', { planHash: 'a'.repeat(64) }),
    ).toEqual([409, expect.stringContaining('another plan')]);
    expect(await refusal('omar', 'approve', { planHash: 'x' })).toEqual([
      400,
      expect.stringContaining('planHash'),
    ]);
    await as('omar').post(`/v1/gates/${run.gates[0].id}/open`).expect(409);
    await as('omar').post(`/v1/runs/${run.id}/confirm`).expect(409);
    await as('omar').post('/v1/gates/nothing/open').expect(400);
    await say('omar', 'reject', run, { comment: 'Enough' }).expect(200);
  });

  it('can be handed on by an approver, but to nobody by who asked, nor to that person', async () => {
    const { run } = await ask('omar');
    const hand = async (name: string, to: string) =>
      (
        await as(name).post(`/v1/gates/${run.gates[0].id}/delegate`, {
          to: `user:default/${to}`,
        })
      ).status;
    expect(await hand('omar', 'eve')).toBe(403);
    expect(await hand('inge', 'omar')).toBe(400);
    expect(await hand('inge', 'inge')).toBe(400);
    expect(await hand('inge', 'nobody')).toBe(400);
    expect(await hand('inge', 'eve')).toBe(200);
    expect(await hand('eve', 'dana')).toBe(403);
    await say('eve', 'approve', run).expect(200);
    // The right was used: its owner adds no second word.
    await say('inge', 'approve', run).expect(200);
    expect((await read(run.id)).status).toBe('waiting');
    await say('ivo', 'approve', run).expect(200);
    await reaches(run.id, 'succeeded');
    expect((await read(run.id)).gates[0].approval.given).toMatchObject([
      { by: 'user:default/eve', onBehalfOf: 'user:default/inge' },
      { by: 'user:default/ivo' },
    ]);
  });

  it('that too few people could give are a problem before anything is asked for', async () => {
    const group = entities.find(each => each.kind === 'Group')!;
    const relations = group.relations!;
    group.relations = relations.slice(0, 2);
    try {
      const body = {
        action: 'test',
        entityRef: ENTITY_REF,
        environment: 'production',
        input: { version: 'v0' },
      };
      const verdict = async (name: string) =>
        (await as(name).post('/v1/previews', body).expect(200)).body.verdict;
      expect((await verdict('dana')).allowed).toBe(true);
      expect(await verdict('omar')).toMatchObject({
        allowed: false,
        blockers: [{ type: 'approval', what: 'Not enough approvers' }],
      });
    } finally {
      group.relations = relations;
    }
  });

  it('are not asked for where no policy says so; a pause of the plan is opened by who may steer', async () => {
    const { preview, run } = await ask('dana', { action: 'paused' });
    expect(preview.verdict.approvals).toEqual([]);
    await reaches(run.id, 'waiting');
    const waiting = await read(run.id);
    expect(waiting).toMatchObject({
      waiting: { reason: 'gate', message: 'Look at the first' },
      gates: [
        {
          kind: 'pause',
          before: 'two',
          verbs: [{ verb: 'open', allowed: true }],
        },
      ],
    });
    expect((await say('omar', 'approve', waiting)).status).toBe(403);
    await as('omar').post(`/v1/gates/${waiting.gates[0].id}/open`).expect(200);
    await reaches(run.id, 'succeeded');
  });

  it('show on the page of the component what a button would wait for, and what a run waits for', async () => {
    const { run } = await ask('dana');
    const { body } = await as('eve')
      .get('/v1/entities/component/default/orders/state')
      .expect(200);
    expect(body.active).toMatchObject([
      { id: run.id, status: 'waiting', waiting: { reason: 'gate' } },
    ]);
    expect(
      body.actions.map((action: any) => [
        action.action,
        action.environment,
        action.approvals.length,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['test', 'production', 1],
        ['test', 'development', 0],
        ['lock', 'production', 0],
      ]),
    );
  });
});
