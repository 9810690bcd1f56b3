import { AppsV1Api } from '@kubernetes/client-node';
import { mockServices } from '@backstage/backend-test-utils';
import {
  ArgoCdApi,
  ContractDeployment,
  contractWorlds,
  ContractWorld,
  MigrationWatch,
} from '@switchyard/contract-worlds';
import { STREAM_FIELDS } from '../argocd/applicationRow';
import { ArgoCdConnection } from '../argocd/ArgoCdConnection';
import { DEFAULT_ARGOCD_TIMINGS } from '../argocd/timings';
import {
  Application,
  ArgoCdReader,
  ArgoCdWriter,
  OpenApplication,
} from '../argocd/types';
import { createArgoCdWriter } from '../effects';
import { DefaultFleet } from '../service/DefaultFleet';
import { eventually } from './eventually';

const INSTANCE = 'contract';
const NOBODY = 'switchyard-contract-nobody';
const UNKNOWN_COMMIT = '0123456789abcdef0123456789abcdef01234567';
const STEP_MS = 90_000;

const signal = () => AbortSignal.timeout(STEP_MS);
const operationOf = ({ status }: Application) => status?.operationState;
const isOver = ({ operation, status }: Application) =>
  !operation &&
  ['Succeeded', 'Failed', 'Error'].includes(
    status?.operationState?.phase ?? '',
  );

describe.each(contractWorlds({ what: 'the Argo CD client' }))(
  'Argo CD: %s',
  (_, open) => {
    let world: ContractWorld;
    let auto: ContractDeployment;
    let manual: ContractDeployment;
    let fleet: DefaultFleet;
    let reader: ArgoCdReader;
    let writer: ArgoCdWriter;
    let api: ArgoCdApi;
    let limited: ArgoCdApi;
    const cleanUp: Array<() => unknown> = [];

    const openFleet = (token: string) => {
      const logger = mockServices.logger.mock();
      const opened = DefaultFleet.create({
        argo: [
          {
            name: INSTANCE,
            url: world.argocd.url,
            uiUrl: world.argocd.url,
            account: { token },
          },
        ],
        logger: mockServices.logger.mock({ child: () => logger }),
      });
      cleanUp.push(() => opened.stop());
      return opened;
    };
    const openApplication = async ({ application }: ContractDeployment) => {
      const opened = await fleet.openApplication(
        { instance: INSTANCE, ...application },
        { signal: new AbortController().signal },
      );
      cleanUp.push(() => opened.close());
      return opened;
    };
    const until = (
      application: OpenApplication,
      isSo: (state: Application) => unknown,
    ) =>
      application.until(state => (isSo(state) ? state : undefined), {
        signal: signal(),
      });
    /** Resolves when an operation that is not the one of `before` has ended. */
    const untilNextEnd = (application: OpenApplication, before: Application) =>
      until(
        application,
        state =>
          isOver(state) &&
          state.metadata.resourceVersion !== before.metadata.resourceVersion &&
          // Times have whole seconds: two operations may have begun in the same one.
          JSON.stringify(operationOf(state)) !==
            JSON.stringify(operationOf(before)),
      );
    const isSettled = (state: Application, revision: string) => {
      const { sync, health, reconciledAt, operationState } = state.status ?? {};
      return (
        isOver(state) &&
        sync?.status === 'Synced' &&
        sync.revision === revision &&
        health?.status === 'Healthy' &&
        Date.parse(reconciledAt!) >= Date.parse(operationState!.finishedAt!)
      );
    };
    const watchMigrations = async (deployment: ContractDeployment) => {
      const watch = await MigrationWatch.start(world, deployment);
      cleanUp.push(() => watch.stop());
      return watch;
    };
    const path = ({ application }: ContractDeployment, below = '') =>
      `/applications/${application.name}${below}`;

    beforeAll(async () => {
      world = await open();
      ({ auto, manual } = world);
      api = ArgoCdApi.create(world.argocd);
      limited = ArgoCdApi.create({
        url: world.argocd.url,
        token: world.argocd.limitedToken,
      });
      fleet = openFleet(world.argocd.token);
      reader = fleet.argo(INSTANCE);
      writer = createArgoCdWriter({ reader });
      await eventually(() => fleet.argoInstances()[0].state === 'live', {
        timeoutMs: STEP_MS,
      });
    });

    afterAll(async () => {
      for (const undo of cleanUp.splice(0).reverse()) undo();
      await world?.close();
    });

    it('tells whose token it is, and nothing to a token that is none', async () => {
      await expect(api.ask('GET', '/session/userinfo')).resolves.toMatchObject({
        loggedIn: true,
        username: world.argocd.account,
      });
      const [header, claims] = world.argocd.token.split('.');
      for (const [token, message] of [
        ['abc', /^no session information$/],
        ['a.b.c', /^invalid session: token is malformed/],
        [
          `${header}.${claims}.AAAA`,
          /^invalid session: token signature is invalid: signature is invalid$/,
        ],
      ] as const) {
        const nobody = ArgoCdApi.create({ url: world.argocd.url, token });
        await expect(nobody.ask('GET', '/session/userinfo')).resolves.toEqual(
          {},
        );
        const refused = await nobody.call('GET', '/applications');
        expect([refused.status, refused.json]).toEqual([
          401,
          expect.objectContaining({
            code: 16,
            message: expect.stringMatching(message),
          }),
        ]);
      }
    });

    it('wants exactly its content type, also where there is no body', async () => {
      for (const [method, below, contentType] of [
        ['POST', '/sync', null],
        ['POST', '/sync', 'application/json; charset=utf-8'],
        ['DELETE', '/operation', null],
      ] as const) {
        const answer = await api.call(method, path(manual, below), {
          contentType,
        });
        expect([answer.status, answer.text.trim()]).toEqual([
          415,
          'Invalid content type',
        ]);
      }
    });

    it('streams all Applications first, each with the fields that were asked for and no others', async () => {
      const connection = new ArgoCdConnection({
        config: {
          name: INSTANCE,
          url: world.argocd.url,
          uiUrl: world.argocd.url,
          account: { token: world.argocd.token },
        },
        timings: DEFAULT_ARGOCD_TIMINGS,
      });
      const wanted = [auto, manual].map(each => each.application.name);
      const seen = new Map<string, any>();
      try {
        for await (const data of connection.stream({
          path: ['stream', 'applications'],
          query: {
            fields: [
              'result.type',
              ...STREAM_FIELDS.map(field => `result.application.${field}`),
            ].join(','),
          },
          signal: signal(),
        })) {
          if (data === undefined) continue;
          const { result, ...rest } = JSON.parse(data);
          expect(rest).toEqual({});
          expect(result.type).toBe('ADDED');
          seen.set(result.application.metadata.name, result.application);
          if (wanted.every(name => seen.has(name))) break;
        }
      } finally {
        connection.close();
      }
      for (const name of wanted) {
        const others = leavesOf(seen.get(name)).filter(
          leaf =>
            !STREAM_FIELDS.some(
              field => leaf === field || leaf.startsWith(`${field}.`),
            ),
        );
        expect(others).toEqual([]);
        expect(seen.get(name)).toMatchObject({
          spec: { project: manual.application.project },
          status: {
            sync: { status: 'Synced' },
            health: { status: 'Healthy' },
            summary: { images: expect.any(Array) },
            resources: expect.any(Array),
          },
        });
      }
    });

    it('makes a row of each', async () => {
      const head = await manual.branch.head();
      const [version] = world.versions;
      const row = fleet.application({
        instance: INSTANCE,
        ...manual.application,
      });
      expect(row).toMatchObject({
        ...manual.application,
        labels: { 'backstage-name': world.component },
        annotations: {
          'backstage.io/entity-ref': `component:default/${world.component}`,
        },
        destination: { namespace: manual.namespace },
        sources: [
          {
            repoURL: manual.branch.repoUrl,
            path: manual.path,
            targetRevision: manual.branch.branch,
          },
        ],
        multiSource: false,
        autoSync: { enabled: false },
        sync: { status: 'Synced', revisions: [head] },
        health: { status: 'Healthy' },
      });
      expect(row!.images).toContain(`${world.image}:${version}`);
      expect(row!.resources).toContainEqual({
        group: 'apps',
        version: 'v1',
        kind: 'Deployment',
        namespace: manual.namespace,
        name: manual.workload,
        status: 'Synced',
        health: 'Healthy',
      });
      expect(
        fleet.application({ instance: INSTANCE, ...auto.application }),
      ).toMatchObject({ autoSync: { enabled: true } });
    });

    it('does not tell a missing Application from a forbidden one, unless it is asked with a project that one may see', async () => {
      const { namespace, project } = manual.application;
      const { hidden } = world;
      const answers = await Promise.all([
        api.call('GET', `/applications/${NOBODY}`),
        api.call('GET', `/applications/${NOBODY}?project=${project}`),
        limited.call('GET', `/applications/${hidden.name}`),
        limited.call(
          'GET',
          `/applications/${hidden.name}?project=${hidden.project}`,
        ),
      ]);
      expect(
        answers.map(({ status, json }) => [status, json.code, json.message]),
      ).toEqual([
        [403, 7, 'permission denied'],
        [404, 5, expect.stringContaining(`"${NOBODY}" not found`)],
        [403, 7, 'permission denied'],
        [403, 7, expect.stringContaining('permission denied')],
      ]);
      for (const [client, name] of [
        [reader, { namespace, name: NOBODY }],
        [reader, { namespace, name: NOBODY, project }],
        [openFleet(world.argocd.limitedToken).argo(INSTANCE), hidden],
      ] as const) {
        await expect(
          client.getApplication(name, { signal: signal() }),
        ).rejects.toMatchObject({ kind: 'not-found', name: 'NotFoundError' });
      }
    });

    it('lists what one may see', async () => {
      const { items } = await limited.ask(
        'GET',
        '/applications?fields=items.metadata.name',
      );
      const names = items.map(({ metadata }: any) => metadata.name);
      expect(names).toEqual(
        expect.arrayContaining([
          auto.application.name,
          manual.application.name,
        ]),
      );
      expect(names).not.toContain(world.hidden.name);
    });

    it('does not let an account sync that may only look', async () => {
      const answer = await limited.call('POST', path(manual, '/sync'), {
        body: {},
      });
      expect([answer.status, answer.json.code]).toEqual([403, 7]);
      const { project, name } = manual.application;
      expect(answer.json.message).toContain(
        `permission denied: applications, sync, ${project}/${name}, sub: `,
      );
      await expect(
        createArgoCdWriter({
          reader: openFleet(world.argocd.limitedToken).argo(INSTANCE),
        }).sync(manual.application, {}, { signal: signal() }),
      ).rejects.toMatchObject({ kind: 'forbidden', outcome: 'not-done' });
    });

    it('answers a refresh with what is in Git now', async () => {
      const commit = await manual.commitVersion(world.versions[1]);
      const application = await reader.getApplication(manual.application, {
        refresh: 'normal',
        signal: signal(),
      });
      expect(application.status?.sync).toMatchObject({
        status: 'OutOfSync',
        revision: commit,
      });
      expect(
        application.metadata.annotations?.['argocd.argoproj.io/refresh'],
      ).toBeUndefined();
      await expect(
        reader.revisionMetadata(manual.application, commit, {
          signal: signal(),
        }),
      ).resolves.toMatchObject({
        author: 'Ravi <ravi@example.com>',
        message: `Bump to ${world.versions[1]}`,
      });
    });

    it('syncs: asked for, running with one migration, done, and healthy after that', async () => {
      const head = await manual.branch.head();
      const application = await openApplication(manual);
      const before = application.current();
      const migrations = await watchMigrations(manual);
      const heard: Application[] = [];
      const stop = new AbortController();
      const listening = (async () => {
        for await (const event of reader.streamApplication(manual.application, {
          signal: stop.signal,
        })) {
          heard.push(event.application);
        }
      })();
      await eventually(() => heard.length > 0, { timeoutMs: STEP_MS });
      const infos = [
        { name: 'switchyard-run', value: 'contract-1' },
        { name: 'switchyard-requested-by', value: 'user:default/dana' },
      ];
      const answer = await writer.sync(
        manual.application,
        { infos },
        { signal: signal() },
      );
      expect(answer.operation).toMatchObject({
        sync: { revision: head },
        initiatedBy: { username: world.argocd.account },
        info: infos,
      });
      expect(operationOf(answer)).toBeUndefined();
      // A second one is refused while the first is under way.
      await expect(
        writer.sync(manual.application, {}, { signal: signal() }),
      ).rejects.toMatchObject({
        kind: 'refused',
        status: 400,
        argoMessage: 'another operation is already in progress',
        outcome: 'not-done',
      });
      const done = await until(application, state => isSettled(state, head));
      await eventually(() => heard.some(state => isSettled(state, head)), {
        timeoutMs: STEP_MS,
      });
      stop.abort();
      await listening;

      const states = heard
        .slice(heard.findIndex(state => state.operation))
        .map(describeState);
      const steps = states.filter((each, at) => each !== states[at - 1]);
      const inOrder = ['asked', 'asked Running', 'Succeeded'];
      expect(steps.filter(each => inOrder.includes(each))).toEqual(inOrder);
      const messages = heard.map(state => operationOf(state)?.message ?? '');
      expect(messages).toContainEqual(
        `waiting for completion of hook batch/Job/${manual.migration}`,
      );
      const ended = heard.find(
        state =>
          isOver(state) &&
          // Times have whole seconds: two operations may have begun in the same one.
          JSON.stringify(operationOf(state)) !==
            JSON.stringify(operationOf(before)),
      )!;
      // Succeeded means that manifests were applied; health and sync are still those of before.
      expect(ended.status!.health!.status).toBe('Healthy');
      expect(
        Date.parse(ended.status!.reconciledAt!) <=
          Date.parse(operationOf(ended)!.finishedAt!),
      ).toBe(true);

      expect(operationOf(done)).toMatchObject({
        phase: 'Succeeded',
        message: expect.stringContaining('successfully synced'),
        operation: { info: infos },
        syncResult: { revision: head },
      });
      expect(operationOf(done)!.syncResult!.resources).toContainEqual(
        expect.objectContaining({
          kind: 'Job',
          namespace: manual.namespace,
          name: manual.migration,
          hookType: 'PreSync',
          hookPhase: 'Succeeded',
          status: 'Synced',
          syncPhase: 'PreSync',
        }),
      );
      const history = done.status!.history!;
      expect(deploysOf(done)).toBe(deploysOf(before) + 1);
      expect(history[history.length - 1]).toMatchObject({
        revision: head,
        initiatedBy: { username: world.argocd.account },
        deployStartedAt: operationOf(done)!.startedAt,
      });
      // It was there before the operation had ended.
      expect(
        heard.some(
          state =>
            state.operation &&
            operationOf(state)?.phase === 'Running' &&
            deploysOf(state) === deploysOf(done),
        ),
      ).toBe(true);
      expect(migrations.jobs.size).toBe(1);
      application.close();
    });

    it('says in a list what the narrow stream says, and of the operation its result', async () => {
      const { items } = await api.ask(
        'GET',
        `/applications?name=${manual.application.name}&appNamespace=${
          manual.application.namespace
        }&fields=${[
          'metadata.name',
          'status.history',
          'status.sync.status',
          'status.operationState.phase',
          'status.operationState.message',
          'status.operationState.operation.sync',
        ]
          .map(field => `items.${field}`)
          .join(',')}`,
      );
      expect(items).toEqual([
        {
          metadata: { name: manual.application.name },
          status: {
            sync: { status: 'Synced' },
            operationState: {
              phase: 'Succeeded',
              operation: {
                sync: expect.objectContaining({
                  revision: await manual.branch.head(),
                  resources: expect.any(Array),
                }),
              },
            },
          },
        },
      ]);
      expect(
        fleet.application({ instance: INSTANCE, ...manual.application })!
          .operation,
      ).toMatchObject({
        phase: 'Succeeded',
        revisions: [await manual.branch.head()],
        initiatedBy: world.argocd.account,
      });
    });

    it('keeps infos until the next operation, and the deploy in the history after it', async () => {
      const application = await openApplication(manual);
      const before = application.current();
      const migrations = await watchMigrations(manual);
      expect(operationOf(before)!.operation.info).toHaveLength(2);
      await writer.sync(manual.application, {}, { signal: signal() });
      const after = await untilNextEnd(application, before);
      expect(operationOf(after)!.operation.info).toBeUndefined();
      const revisions = after.status!.history!.map(({ revision }) => revision);
      const head = await manual.branch.head();
      expect(revisions.slice(-2)).toEqual([head, head]);
      // Nothing had to be applied, and yet the migration ran again.
      expect(migrations.jobs.size).toBe(1);
      application.close();
    });

    it('knows what belongs to an Application', async () => {
      const nodes = await reader.resourceTree(manual.application, {
        signal: signal(),
      });
      const deployment = nodes.find(
        ({ kind, name }) => kind === 'Deployment' && name === manual.workload,
      )!;
      expect(deployment).toMatchObject({
        group: 'apps',
        version: 'v1',
        namespace: manual.namespace,
        uid: expect.stringMatching(/^[0-9a-f-]{36}$/),
        health: { status: 'Healthy' },
      });
      const below = (uid: string, kind: string) =>
        nodes.filter(
          node =>
            node.kind === kind &&
            node.parentRefs.some(parent => parent.uid === uid),
        );
      const pods = below(deployment.uid, 'ReplicaSet').flatMap(({ uid }) =>
        below(uid, 'Pod'),
      );
      expect(pods).not.toEqual([]);
      for (const pod of pods) {
        expect(pod.images).toEqual([`${world.image}:${world.versions[1]}`]);
      }
    });

    it('syncs by itself where that is on, and says that nobody asked', async () => {
      const application = await openApplication(auto);
      const migrations = await watchMigrations(auto);
      const before = application.current();
      const commit = await auto.commitVersion(world.versions[1]);
      await reader.getApplication(auto.application, {
        refresh: 'normal',
        signal: signal(),
      });
      const done = await until(application, state => isSettled(state, commit));
      const { operation, syncResult } = operationOf(done)!;
      expect(operation.initiatedBy).toEqual({ automated: true });
      expect(operation.info).toBeUndefined();
      expect(syncResult!.revision).toBe(commit);
      const history = done.status!.history!;
      expect(deploysOf(done)).toBe(deploysOf(before) + 1);
      expect(history[history.length - 1]).toMatchObject({
        revision: commit,
        initiatedBy: { automated: true },
      });
      expect(migrations.jobs.size).toBe(1);
      application.close();
    });

    it('takes no explicit commit where auto-sync is on, not even the head', async () => {
      const head = await auto.branch.head();
      await expect(
        writer.sync(auto.application, { revision: head }, { signal: signal() }),
      ).rejects.toMatchObject({
        kind: 'refused',
        status: 400,
        argoMessage: `Cannot sync to ${head}: auto-sync currently set to ${auto.branch.branch}`,
      });
    });

    it('refuses a branch that is not there, and accepts an unknown commit that fails later', async () => {
      const application = await openApplication(manual);
      const before = application.current();
      await expect(
        writer.sync(
          manual.application,
          { revision: 'switchyard-no-such-branch' },
          { signal: signal() },
        ),
      ).rejects.toMatchObject({
        kind: 'refused',
        status: 400,
        argoMessage: expect.stringContaining(
          "unable to resolve 'switchyard-no-such-branch' to a commit SHA",
        ),
      });
      await writer.sync(
        manual.application,
        { revision: UNKNOWN_COMMIT },
        { signal: signal() },
      );
      const after = await untilNextEnd(application, before);
      expect(operationOf(after)).toMatchObject({
        phase: 'Error',
        message: expect.stringMatching(
          new RegExp(`^ComparisonError: .*${UNKNOWN_COMMIT}`, 's'),
        ),
      });
      expect(after.status!.history).toEqual(before.status!.history);
      application.close();
    });

    it('fails with the migration, says which, and applies nothing', async () => {
      const { kubeConfig } = world.clusters.find(
        ({ name }) => name === manual.cluster,
      )!;
      const apps = kubeConfig.makeApiClient(AppsV1Api);
      const generation = async () =>
        (
          await apps.readNamespacedDeployment({
            namespace: manual.namespace,
            name: manual.workload,
          })
        ).metadata!.generation;
      const generationBefore = await generation();
      const application = await openApplication(manual);
      const before = application.current();
      const { version, repair } = await world.breakMigration();
      const commit = await manual.commitVersion(version);
      await writer.sync(manual.application, {}, { signal: signal() });
      const failed = operationOf(await untilNextEnd(application, before))!;
      expect(failed).toMatchObject({
        phase: 'Failed',
        message: 'one or more synchronization tasks completed unsuccessfully',
        syncResult: { revision: commit },
      });
      expect(failed.syncResult!.resources).toEqual([
        expect.objectContaining({
          kind: 'Job',
          name: manual.migration,
          hookType: 'PreSync',
          hookPhase: 'Failed',
          status: 'Synced',
          message: 'Job has reached the specified backoff limit',
        }),
      ]);
      expect(application.current().status!.history).toEqual(
        before.status!.history,
      );
      expect(await generation()).toBe(generationBefore);

      await repair();
      const repaired = await manual.commitVersion(world.versions[2]);
      await writer.sync(manual.application, {}, { signal: signal() });
      await until(application, state => isSettled(state, repaired));
      application.close();
    });

    it('has nothing to stop when nothing runs', async () => {
      await expect(
        writer.terminate(manual.application, { signal: signal() }),
      ).rejects.toMatchObject({
        kind: 'refused',
        argoMessage: expect.stringContaining(
          'Unable to terminate operation. No operation is in progress',
        ),
      });
    });

    it('stops an operation: it ends as failed, and keeps its infos', async () => {
      const application = await openApplication(manual);
      const before = application.current();
      const infos = [{ name: 'switchyard-run', value: 'contract-2' }];
      await writer.sync(manual.application, { infos }, { signal: signal() });
      await until(
        application,
        state => operationOf(state)?.phase === 'Running',
      );
      await writer.terminate(manual.application, { signal: signal() });
      const after = await untilNextEnd(application, before);
      expect(operationOf(after)).toMatchObject({
        phase: 'Failed',
        message: 'Operation terminated',
        operation: { info: infos },
      });
      expect(after.status!.history).toEqual(before.status!.history);
      application.close();
    });

    describe('with a closed window', () => {
      let lift: () => Promise<void>;

      beforeAll(async () => {
        lift = await world.closeWindow();
      });
      afterAll(() => lift?.());

      it('says so, and refuses a sync', async () => {
        const windows = await reader.syncWindows(manual.application, {
          signal: signal(),
        });
        expect(windows.canSync).toBe(false);
        expect(windows.activeWindows).toEqual([
          expect.objectContaining({
            kind: 'deny',
            schedule: expect.any(String),
            duration: expect.any(String),
            manualSync: false,
          }),
        ]);
        expect(windows.assignedWindows).toEqual(windows.activeWindows);
        await expect(
          writer.sync(manual.application, {}, { signal: signal() }),
        ).rejects.toMatchObject({
          kind: 'refused',
          status: 403,
          argoMessage: 'cannot sync: blocked by sync window',
          outcome: 'not-done',
        });
      });

      it('syncs nothing by itself, and does so when it is lifted', async () => {
        const application = await openApplication(auto);
        const before = application.current();
        const commit = await auto.commitVersion(world.versions[2]);
        const compared = await reader.getApplication(auto.application, {
          refresh: 'normal',
          signal: signal(),
        });
        expect(compared.status!.sync).toMatchObject({
          status: 'OutOfSync',
          revision: commit,
        });
        expect(compared.operation).toBeUndefined();
        expect(operationOf(compared)!.startedAt).toBe(
          operationOf(before)!.startedAt,
        );
        await lift();
        await expect(
          reader.syncWindows(manual.application, { signal: signal() }),
        ).resolves.toEqual({
          canSync: true,
          activeWindows: [],
          assignedWindows: [],
        });
        await reader.getApplication(auto.application, {
          refresh: 'normal',
          signal: signal(),
        });
        await until(application, state => isSettled(state, commit));
        application.close();
      });
    });
  },
);

/** How often it was deployed so far: the history keeps only some, but counts on. */
function deploysOf({ status }: Application): number {
  const history = status?.history ?? [];
  return (history[history.length - 1]?.id ?? -1) + 1;
}

/** `asked` while an operation waits or runs, and its phase. */
function describeState(application: Application): string {
  return [
    application.operation && 'asked',
    application.status?.operationState?.phase,
  ]
    .filter(Boolean)
    .join(' ');
}

/** Paths of everything in an object that is not an object itself; keys with dots stay whole. */
function leavesOf(value: unknown, at: string[] = []): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [at.join('.')];
  }
  return Object.entries(value).flatMap(([key, each]) =>
    leavesOf(each, [...at, key]),
  );
}
