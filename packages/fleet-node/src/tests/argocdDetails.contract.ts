import { mockServices } from '@backstage/backend-test-utils';
import {
  ArgoCdApi,
  contractWorlds,
  ContractWorld,
} from '@switchyard/contract-worlds';
import { ArgoCdInstanceConfig } from '../argocd/config';
import { ArgoCdReader, ManagedResource } from '../argocd/types';
import { createArgoCdWriter } from '../effects';
import { DefaultFleet } from '../service/DefaultFleet';
import { eventually } from './eventually';

const INSTANCE = 'contract';
const STEP_MS = 90_000;
const IN_TIME = { timeoutMs: STEP_MS };
const UNKNOWN_COMMIT = '0123456789abcdef0123456789abcdef01234567';
const MASK = /^\++$/;

const signal = () => AbortSignal.timeout(STEP_MS);
const secret = (password: string) => `apiVersion: v1
kind: Secret
metadata:
  name: contract-credentials
type: Opaque
stringData:
  username: orders
  password: ${password}
`;

describe.each(contractWorlds({ what: "what people look into of Argo CD's" }))(
  'details of Argo CD: %s',
  (_, open) => {
    let world: ContractWorld;
    let fleet: DefaultFleet;
    let reader: ArgoCdReader;
    let api: ArgoCdApi;
    const cleanUp: Array<() => unknown> = [];

    const openFleet = (account: ArgoCdInstanceConfig['account']) => {
      const logger = mockServices.logger.mock();
      const { url } = world.argocd;
      const opened = DefaultFleet.create({
        argo: [{ name: INSTANCE, url, uiUrl: url, account }],
        logger: mockServices.logger.mock({ child: () => logger }),
      });
      cleanUp.push(() => opened.stop());
      return opened;
    };
    const isLive = (of: DefaultFleet) => of.argoInstances()[0].state === 'live';
    const compareAgain = (name: { namespace: string; name: string }) =>
      reader.getApplication(name, { refresh: 'normal', signal: signal() });
    const managed = async (
      name: { namespace: string; name: string },
      wanted: { kind: string; name: string },
    ): Promise<ManagedResource> => {
      const found = await reader.managedResources(name, { signal: signal() });
      return found.find(
        each => each.kind === wanted.kind && each.name === wanted.name,
      )!;
    };

    beforeAll(async () => {
      world = await open();
      api = ArgoCdApi.create(world.argocd);
      fleet = openFleet({ token: world.argocd.token });
      reader = fleet.argo(INSTANCE);
      await eventually(() => isLive(fleet), IN_TIME);
    });
    afterAll(async () => {
      for (const undo of cleanUp.splice(0).reverse()) undo();
      await world?.close();
    });

    it('tells live from desired, as Argo CD compares them', async () => {
      const { manual, image, versions } = world;
      await manual.commitVersion(versions[1]);
      await compareAgain(manual.application);
      const { live, desired, hook } = (await managed(manual.application, {
        kind: 'Deployment',
        name: manual.workload,
      })) as any;
      const imageOf = (manifest: any) =>
        manifest.spec.template.spec.containers[0].image;
      expect(imageOf(live)).toBe(`${image}:${versions[0]}`);
      expect(imageOf(desired)).toBe(`${image}:${versions[1]}`);
      expect(hook).toBe(false);
      // Nothing else would change: defaults and what the API server keeps for itself are on both sides, or on neither.
      expect(differences(live, desired)).toEqual([
        expect.stringMatching(/\.image$/),
      ]);
    });

    it('lists no hooks, or says that they are', async () => {
      const { manual } = world;
      const all = await reader.managedResources(manual.application, {
        signal: signal(),
      });
      expect(all.filter(({ kind, hook }) => kind === 'Job' && !hook)).toEqual(
        [],
      );
    });

    it('never has the values of a Secret, and shows that they differ', async () => {
      const { auto } = world;
      const path = `${auto.path}/contract-credentials.yaml`;
      const wanted = { kind: 'Secret', name: 'contract-credentials' };
      await auto.branch.commit({ [path]: secret('first-word') }, 'Add a word');
      await compareAgain(auto.application);
      await eventually(
        async () => (await managed(auto.application, wanted))?.live,
        IN_TIME,
      );
      const lift = await world.closeWindow();
      try {
        await auto.branch.commit({ [path]: secret('other-word') }, 'Change it');
        await compareAgain(auto.application);
        const resource = (await managed(auto.application, wanted)) as any;
        const { live, desired } = resource;
        expect(JSON.stringify(resource)).not.toMatch(
          /first-word|other-word|Zmlyc3Q|b3RoZXI/,
        );
        for (const side of [live, desired]) {
          expect(side.data.password).toMatch(MASK);
          expect(side.data.username).toMatch(MASK);
        }
        expect(live.data.password).not.toBe(desired.data.password);
        expect(live.data.username).toBe(desired.data.username);
      } finally {
        await lift();
      }
    });

    it('knows the windows of a project, and says that one may not be read', async () => {
      const { manual, hidden, argocd } = world;
      const lift = await world.closeWindow();
      try {
        const project = await reader.project(manual.application.project, {
          signal: signal(),
        });
        expect(project.name).toBe(manual.application.project);
        expect(project.syncWindows).toContainEqual(
          expect.objectContaining({
            kind: 'deny',
            schedule: expect.any(String),
            duration: expect.any(String),
          }),
        );
      } finally {
        await lift();
      }
      const limited = openFleet({ token: argocd.limitedToken });
      await eventually(() => isLive(limited), IN_TIME);
      await expect(
        limited.argo(INSTANCE).project(hidden.project, { signal: signal() }),
      ).rejects.toMatchObject({ kind: 'forbidden' });
      // What it may see is there all the same.
      expect(
        limited.application({ instance: INSTANCE, ...manual.application }),
      ).toBeDefined();
      expect(
        limited.application({ instance: INSTANCE, ...hidden }),
      ).toBeUndefined();
    });

    it('knows author, time and message of what was deployed', async () => {
      const { manual, versions } = world;
      const application = await reader.getApplication(manual.application, {
        signal: signal(),
      });
      const [first] = application.status!.history!;
      const deployed = await reader.revisionMetadata(
        manual.application,
        first.revision!,
        { signal: signal() },
      );
      expect(deployed).toMatchObject({
        author: expect.stringMatching(/^.+ <.+@.+>$/),
        message: expect.any(String),
      });
      expect(Date.parse(deployed.date!)).toBeLessThanOrEqual(
        Date.parse(first.deployedAt) + 1_000,
      );
      const commit = await manual.commitVersion(versions[2]);
      await expect(
        reader.revisionMetadata(manual.application, commit, {
          signal: signal(),
        }),
      ).resolves.toMatchObject({ message: `Bump to ${versions[2]}` });
      await expect(
        reader.revisionMetadata(manual.application, UNKNOWN_COMMIT, {
          signal: signal(),
        }),
      ).rejects.toMatchObject({ message: expect.not.stringContaining('http') });
      await expect(
        reader.revisionMetadata(manual.application, manual.branch.branch, {
          signal: signal(),
        }),
      ).rejects.toMatchObject({ name: 'InputError' });
    });

    it('has a tree in which everything hangs on what Argo CD manages', async () => {
      const { manual } = world;
      const nodes = await reader.resourceTree(manual.application, {
        signal: signal(),
      });
      const uids = new Set(nodes.map(({ uid }) => uid));
      const pods = nodes.filter(({ kind }) => kind === 'Pod');
      expect(pods.length).toBeGreaterThan(0);
      for (const pod of pods) {
        expect(pod.parentRefs).toHaveLength(1);
        expect(uids).toContain(pod.parentRefs[0].uid);
        expect(pod.info).toContainEqual(
          expect.objectContaining({ name: 'Containers' }),
        );
        expect(Date.parse(pod.createdAt!)).not.toBeNaN();
      }
    });

    it('knows which Application deploys which', async () => {
      const { parent, child } = world.composed;
      const row = (ref: { namespace: string; name: string }) =>
        fleet.application({ instance: INSTANCE, ...ref });
      await eventually(() => row(child), IN_TIME);
      await eventually(
        () =>
          row(parent)!.resources.find(
            ({ kind, name }) => kind === 'Application' && name === child.name,
          ),
        IN_TIME,
      );
      expect(row(parent)!.resources).toContainEqual(
        expect.objectContaining({
          group: 'argoproj.io',
          kind: 'Application',
          namespace: child.namespace,
          name: child.name,
        }),
      );
      const { metadata } = await reader.getApplication(child, {
        signal: signal(),
      });
      expect(metadata.annotations!['argocd.argoproj.io/tracking-id']).toBe(
        `${parent.name}:argoproj.io/Application:${child.namespace}/${child.name}`,
      );
    });

    it('knows which ApplicationSet made one', async () => {
      const { made } = world;
      // Not every Argo CD has the controller.
      if (!made) return;

      const { metadata } = await reader.getApplication(made, {
        signal: signal(),
      });
      expect(metadata.ownerReferences).toEqual([
        expect.objectContaining({
          apiVersion: 'argoproj.io/v1alpha1',
          kind: 'ApplicationSet',
          name: made.by,
        }),
      ]);
      await eventually(
        () => fleet.application({ instance: INSTANCE, ...made }),
        IN_TIME,
      );
    });

    it('has a revision for each of several sources, now and in the history', async () => {
      const { several } = world.composed;
      const row = () => fleet.application({ instance: INSTANCE, ...several })!;
      await eventually(
        () => row()?.sync.status === 'Synced' && row().operation,
        IN_TIME,
      );
      expect(row()).toMatchObject({
        multiSource: true,
        sync: { revisions: [expect.any(String), expect.any(String)] },
      });
      expect(row().sources).toHaveLength(2);
      const application = await reader.getApplication(several, {
        signal: signal(),
      });
      const last = application.status!.history!.at(-1)!;
      expect(last.revisions).toHaveLength(2);
      expect(last.sources).toHaveLength(2);
      const commits = last.revisions!.map((revision, sourceIndex) => ({
        revision,
        sourceIndex,
        isCommit: /^[0-9a-f]{40}$/.test(revision),
      }));
      expect(commits.some(({ isCommit }) => isCommit)).toBe(true);
      for (const { revision, sourceIndex, isCommit } of commits) {
        const read = reader.revisionMetadata(several, revision, {
          sourceIndex,
          signal: signal(),
        });
        const outcome = await read.then(
          ({ author }) => author && 'commit',
          error => error.name,
        );
        // The other kind of revision is the version of a chart.
        expect(outcome).toBe(isCommit ? 'commit' : 'InputError');
      }
      await expect(
        reader.managedResources(several, { signal: signal() }),
      ).resolves.toEqual(expect.arrayContaining([expect.anything()]));
    });

    it('keeps Applications of one name in several namespaces apart', async () => {
      const { elsewhere, manual } = world;
      // Not every Argo CD takes them.
      if (!elsewhere) return;

      expect(elsewhere.name).toBe(manual.application.name);
      const row = (ref: { namespace: string; name: string }) =>
        fleet.application({ instance: INSTANCE, ...ref });
      await eventually(() => row(elsewhere), IN_TIME);
      expect(row(manual.application)!.namespace).toBe(
        manual.application.namespace,
      );
      expect(row(elsewhere)!.namespace).toBe(elsewhere.namespace);
      const other = await compareAgain(elsewhere);
      expect(other.metadata.namespace).toBe(elsewhere.namespace);
      const before = await reader.getApplication(manual.application, {
        signal: signal(),
      });
      await createArgoCdWriter({ reader }).sync(
        elsewhere,
        {},
        { signal: signal() },
      );
      await eventually(
        () =>
          row(elsewhere)!.operation?.phase === 'Succeeded' &&
          row(elsewhere)!.sync.status === 'Synced',
        IN_TIME,
      );
      const after = await reader.getApplication(manual.application, {
        signal: signal(),
      });
      expect(after.status!.history).toEqual(before.status!.history);
      const nodes = await reader.resourceTree(elsewhere, { signal: signal() });
      expect(nodes.map(({ kind }) => kind)).toEqual(['ConfigMap']);
    });

    describe('an account with a password, and the rights of docs/install', () => {
      let portal: DefaultFleet;

      const logIn = () => world.argocd.portal;

      it('logs in, and reads all that is shown', async () => {
        const account = logIn();
        if (!account) return;

        const { manual } = world;
        portal = openFleet(account);
        await eventually(() => isLive(portal), IN_TIME);
        const its = portal.argo(INSTANCE);
        const name = manual.application;
        const [project, windows, nodes, resources, application] =
          await Promise.all([
            its.project(name.project, { signal: signal() }),
            its.syncWindows(name, { signal: signal() }),
            its.resourceTree(name, { signal: signal() }),
            its.managedResources(name, { signal: signal() }),
            its.getApplication(name, { signal: signal() }),
          ]);
        expect(project.name).toBe(name.project);
        expect(windows.canSync).toBe(true);
        expect(nodes).not.toEqual([]);
        expect(resources).not.toEqual([]);
        const [{ revision }] = application.status!.history!;
        await expect(
          its.revisionMetadata(name, revision!, { signal: signal() }),
        ).resolves.toMatchObject({ author: expect.any(String) });
        await eventually(
          () => portal.application({ instance: INSTANCE, ...name }),
          IN_TIME,
        );
      });

      it('syncs, in its own name', async () => {
        const account = logIn();
        if (!account) return;

        const { manual } = world;
        const answer = await createArgoCdWriter({
          reader: portal.argo(INSTANCE),
        }).sync(manual.application, {}, { signal: signal() });
        expect(answer.operation!.initiatedBy).toEqual({
          username: account.username,
        });
        const row = () =>
          portal.application({ instance: INSTANCE, ...manual.application })!;
        await eventually(
          () =>
            row().operation?.phase === 'Succeeded' &&
            row().operation?.initiatedBy === account.username,
          IN_TIME,
        );
      });

      it('may do nothing else', async () => {
        const account = logIn();
        if (!account) return;

        const { manual } = world;
        const { token } = await api.ask('POST', '/session', account);
        const its = ArgoCdApi.create({ url: world.argocd.url, token });
        const { name, project, namespace } = manual.application;
        for (const [resource, action, object] of [
          ['applications', 'delete', `${project}/${name}`],
          ['applications', 'override', `${project}/${name}`],
          ['projects', 'update', project],
          // The sandbox's own account may list clusters.
          ...(world.which === 'real' ? [['clusters', 'get', '*']] : []),
          ['repositories', 'get', '*'],
          ['exec', 'create', `${project}/${name}`],
        ]) {
          const path = [resource, action, object].join('/');
          expect([
            path,
            (await its.ask('GET', `/account/can-i/${path}`)).value,
          ]).toEqual([path, 'no']);
        }
        for (const [resource, action, object] of [
          ['applications', 'get', `${project}/${name}`],
          ['applications', 'sync', `${project}/${name}`],
          // Switches auto-sync off before a rollback that Git cannot carry.
          ['applications', 'update', `${project}/${name}`],
          // Where templates create Applications.
          ['applications', 'create', `${project}/${name}`],
          ['projects', 'get', project],
        ]) {
          const path = [resource, action, object].join('/');
          expect([
            path,
            (await its.ask('GET', `/account/can-i/${path}`)).value,
          ]).toEqual([path, 'yes']);
        }
        const refused = await its.call(
          'DELETE',
          `/applications/${name}?appNamespace=${namespace}&project=${project}`,
        );
        expect(refused.status).toBe(403);
      });

      it('is told from one whose password is another', async () => {
        const account = logIn();
        if (!account) return;

        const wrong = openFleet({ ...account, password: 'not-this-one' });
        await eventually(
          () => wrong.argoInstances()[0].problem !== undefined,
          IN_TIME,
        );
        const [{ state, problem }] = wrong.argoInstances();
        expect(state).not.toBe('live');
        expect(problem).not.toContain('not-this-one');
        expect(problem).not.toContain(new URL(world.argocd.url).host);
      });
    });
  },
);

/** Paths at which two manifests differ. */
function differences(a: any, b: any, at = ''): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return [at];
  return Array.from(new Set([...Object.keys(a), ...Object.keys(b)])).flatMap(
    key => differences(a[key], b[key], `${at}.${key}`),
  );
}
