import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api } from '@kubernetes/client-node';
import { JsonObject } from '@backstage/types';
import { PlannedStep, RunPlan } from '@switchyard/backstage-plugin-runs-common';
import {
  ContractDeployment,
  contractWorlds,
  ContractWorld,
  MigrationWatch,
} from '@switchyard/contract-worlds';
import { Application } from '@switchyard/fleet-node';
import { createArgoCdWriter } from '@switchyard/fleet-node/effects';
import {
  createTestContext,
  TestContext,
} from '../__testUtils__/createTestContext';
import {
  ContractHotfix,
  INSTANCE,
  openContractHotfix,
} from '../__testUtils__/openContractHotfix';
import { playPlan } from '../__testUtils__/startHotfixWorld';

const STEP_MS = 90_000;

describe.each(contractWorlds({ what: 'the hotfix' }))(
  'the hotfix and %s',
  (_, open) => {
    let world: ContractWorld;
    let hotfix: ContractHotfix;
    let deployments: ContractDeployment[];
    let runs = 0;
    const watches: MigrationWatch[] = [];

    const nextRun = () => `contract-run-${(runs += 1)}`;
    const stepOf = (plan: RunPlan, handler: string, to: ContractDeployment) =>
      plan.steps.find(
        step =>
          step.handler === handler &&
          JSON.stringify(step.input).includes(
            handler === 'commit'
              ? JSON.stringify({ branch: to.branch.branch }).slice(1, -1)
              : JSON.stringify({ name: to.application.name }).slice(1, -1),
          ) &&
          JSON.stringify(step.input).includes(to.branch.repoUrl),
      )!;
    const applicationOf = ({ application }: ContractDeployment) =>
      hotfix.fleet
        .argo(INSTANCE)
        .getApplication(application, { signal: AbortSignal.timeout(STEP_MS) });

    /** One attempt of one step, by a worker that may be gone before it ends. */
    const begin = (
      step: PlannedStep,
      options: {
        runId: string;
        requestedAt: string;
        outputs?: Record<string, JsonObject>;
        attempt?: number;
        reference?: JsonObject;
      },
    ) => {
      const worker = new AbortController();
      const context = createTestContext({
        ...options,
        input: step.input,
        timeoutMs: STEP_MS,
        signal: worker.signal,
      });
      const handler = hotfix.kind.steps[step.handler];
      const result = (async () => {
        const adopted =
          context.step.attempt > 1 ? await handler.adopt?.(context) : undefined;
        const { output } = adopted ?? (await handler.run(context));
        return { output, adopted: adopted !== undefined };
      })();
      // Whoever stops a worker is not interested in what it says.
      result.catch(() => undefined);
      const stop = async () => {
        worker.abort(new Error('The worker is gone'));
        await result.catch(() => undefined);
      };
      return { context, result, stop };
    };
    const untilLogged = async ({ logs }: TestContext, words: RegExp) => {
      const end = Date.now() + STEP_MS;
      while (!logs.some(line => words.test(line))) {
        if (Date.now() > end) throw new Error(`Never said ${words}`);
        await sleep(5);
      }
    };
    const untilOver = async (deployment: ContractDeployment) => {
      for (;;) {
        const application = await applicationOf(deployment);
        if (!application.operation) return application;
        await sleep(100);
      }
    };

    /** What the remotes count from now on. */
    const startCounting = async () => {
      const watch = async (deployment: ContractDeployment) => {
        const started = await MigrationWatch.start(world, deployment);
        watches.push(started);
        return started;
      };
      const before = await Promise.all(
        deployments.map(async deployment => ({
          deployment,
          head: await deployment.branch.head(),
          deploys: deploysOf(await applicationOf(deployment)),
          migrations: await watch(deployment),
        })),
      );
      return async () => {
        const counts = await Promise.all(
          before.map(async ({ deployment, head, deploys, migrations }) => {
            const now = deploysOf(await applicationOf(deployment));
            return [
              deployment.autoSync ? 'auto' : 'manual',
              {
                commits: (await deployment.branch.commitsSince(head)).length,
                syncs: now - deploys,
                migrations: migrations.jobs.size,
              },
            ];
          }),
        );
        return Object.fromEntries(counts);
      };
    };
    const ONCE = { commits: 1, syncs: 1, migrations: 1 };

    const imagesThatRun = async ({
      cluster,
      namespace,
      workload,
    }: ContractDeployment) => {
      const { kubeConfig } = world.clusters.find(
        ({ name }) => name === cluster,
      )!;
      const { items } = await kubeConfig
        .makeApiClient(CoreV1Api)
        .listNamespacedPod({ namespace });
      return new Set(
        items
          .filter(
            ({ metadata, status }) =>
              metadata!.name!.startsWith(`${workload}-`) &&
              metadata!.ownerReferences?.[0].kind === 'ReplicaSet' &&
              !metadata!.deletionTimestamp &&
              status!.conditions?.some(
                ({ type, status: value }) =>
                  type === 'Ready' && value === 'True',
              ),
          )
          .map(({ spec }) => spec!.containers[0].image),
      );
    };

    beforeAll(async () => {
      world = await open();
      deployments = [world.auto, world.manual];
      hotfix = await openContractHotfix(world);
    });

    afterAll(async () => {
      for (const watch of watches) watch.stop();
      await hotfix?.close();
      await world?.close();
    });

    it('ships with one commit, one sync and one migration each, where Argo CD syncs by itself and where it does not', async () => {
      const [before, version] = world.versions;
      const texts = await Promise.all(
        deployments.map(({ branch, file }) => branch.read(file)),
      );
      const count = await startCounting();
      const plan = await hotfix.plan(version);
      expect(plan.problems).toEqual([]);
      expect(plan.changes).toContainEqual(
        expect.objectContaining({
          before: `${world.image}:${before}`,
          after: `${world.image}:${version}`,
        }),
      );
      const runId = nextRun();
      const { outputs, errors, contexts } = await playPlan(hotfix, plan, {
        runId,
        timeoutMs: STEP_MS,
      });
      expect(errors).toEqual({});
      expect(Object.keys(outputs).sort()).toEqual(
        plan.steps.map(({ id }) => id).sort(),
      );
      expect(await count()).toEqual({ auto: ONCE, manual: ONCE });

      const [automated, asked] = deployments.map(
        deployment => stepOf(plan, 'sync', deployment).id,
      );
      expect(contexts[automated].effects).toEqual([]);
      expect(contexts[asked].effects).toHaveLength(1);
      expect(outputs[automated]).toMatchObject({
        initiatedBy: 'automated',
        migration: { state: 'ran' },
      });
      expect(outputs[asked]).toMatchObject({
        initiatedBy: world.argocd.account,
        evidence: expect.stringMatching(/history|operation/),
        migration: {
          state: 'ran',
          text: `PreSync hook Job ${world.manual.migration} ran`,
        },
      });
      for (const [index, deployment] of deployments.entries()) {
        const { branch, file } = deployment;
        const commit = await branch.head();
        expect(outputs[stepOf(plan, 'commit', deployment).id]).toEqual({
          commit,
          created: true,
        });
        expect(outputs[stepOf(plan, 'sync', deployment).id]).toMatchObject({
          revision: commit,
        });
        // Nothing but the tag.
        expect((await branch.read(file)).split(version).join(before)).toBe(
          texts[index],
        );
        const [{ message }] = await branch.commitsSince(`${commit}~1`);
        expect(message).toContain(`Switchyard-Run: ${runId}\n`);
        const { metadata, status } = await applicationOf(deployment);
        expect(metadata.name).toBe(deployment.application.name);
        expect(status).toMatchObject({
          sync: { status: 'Synced', revision: commit },
          health: { status: 'Healthy' },
        });
        expect(await imagesThatRun(deployment)).toEqual(
          new Set([`${world.image}:${version}`]),
        );
      }
      await expect(hotfix.plan(version)).resolves.toMatchObject({
        problems: [{ what: 'Nothing to change' }],
      });
    });

    it('finds the commit of a worker that is gone, also below the commit of somebody else, and syncs once', async () => {
      const plan = await hotfix.plan(world.versions[2]);
      const run = { runId: nextRun(), requestedAt: new Date().toISOString() };
      const count = await startCounting();
      const outputs: Record<string, JsonObject> = {};
      for (const deployment of deployments) {
        const step = stepOf(plan, 'commit', deployment);
        const first = begin(step, run);
        const { output } = await first.result;
        const [reference] = first.context.effects;
        expect(reference).toMatchObject({ commit: output.commit });
        if (!deployment.autoSync) {
          await deployment.branch.commit(
            { [`${deployment.path}.md`]: 'Not ours\n' },
            'Write something down',
          );
        }
        const second = begin(step, { ...run, attempt: 2, reference });
        await expect(second.result).resolves.toEqual({
          output,
          adopted: true,
        });
        expect(second.context.effects).toEqual([]);
        outputs[step.id] = output;
      }
      for (const handler of ['sync', 'rollout']) {
        for (const deployment of deployments) {
          const step = stepOf(plan, handler, deployment);
          const { output } = await begin(step, { ...run, outputs }).result;
          outputs[step.id] = output;
        }
      }
      // What was synced is the head: somebody else's commit, which holds ours.
      const { manual } = world;
      expect(outputs[stepOf(plan, 'sync', manual).id].revision).toBe(
        await manual.branch.head(),
      );
      expect(await count()).toEqual({
        auto: ONCE,
        manual: { ...ONCE, commits: 2 },
      });
    });

    it('adopts the sync of a worker that is gone, while it runs and after others have followed', async () => {
      const { manual } = world;
      const plan = await hotfix.plan(world.versions[3]);
      const run = { runId: nextRun(), requestedAt: new Date().toISOString() };
      const [commit, sync, rollout] = ['commit', 'sync', 'rollout'].map(
        handler => stepOf(plan, handler, manual),
      );
      const outputs: Record<string, JsonObject> = {};
      outputs[commit.id] = (await begin(commit, run).result).output;
      const count = await startCounting();

      const first = begin(sync, { ...run, outputs });
      await untilLogged(first.context, /^Asked Argo CD to sync/);
      await first.stop();
      const [reference] = first.context.effects;
      expect(reference).toMatchObject({ commit: outputs[commit.id].commit });
      const again = { ...run, outputs, attempt: 2, reference };
      const second = begin(sync, again);
      const adopted = await second.result;
      expect(adopted).toMatchObject({
        adopted: true,
        output: {
          revision: outputs[commit.id].commit,
          initiatedBy: world.argocd.account,
          migration: { state: 'ran' },
        },
      });
      expect(second.context.effects).toEqual([]);
      expect(await count()).toMatchObject({
        manual: { syncs: 1, migrations: 1 },
      });

      // Another operation replaces what was said of ours; the history keeps it.
      await createArgoCdWriter({ reader: hotfix.fleet.argo(INSTANCE) }).sync(
        manual.application,
        {},
        { signal: AbortSignal.timeout(STEP_MS) },
      );
      const { status } = await untilOver(manual);
      expect(status?.operationState?.operation.info).toBeUndefined();
      const third = begin(sync, again);
      await expect(third.result).resolves.toMatchObject({
        adopted: true,
        output: {
          revision: outputs[commit.id].commit,
          evidence: 'the history of the Application names the revision',
        },
      });
      expect(third.context.effects).toEqual([]);
      outputs[sync.id] = adopted.output;
      await begin(rollout, { ...run, outputs }).result;
    });

    it('parks before a closed window, has then done nothing, and syncs once it is lifted', async () => {
      const { manual } = world;
      const plan = await hotfix.plan(world.versions[4]);
      const run = { runId: nextRun(), requestedAt: new Date().toISOString() };
      const [commit, sync, rollout] = ['commit', 'sync', 'rollout'].map(
        handler => stepOf(plan, handler, manual),
      );
      const count = await startCounting();
      const outputs: Record<string, JsonObject> = {};
      outputs[commit.id] = (await begin(commit, run).result).output;
      const lift = await world.closeWindow();
      let reference: JsonObject | undefined;
      try {
        const first = begin(sync, { ...run, outputs });
        await expect(first.result).rejects.toMatchObject({
          name: 'StepParkedError',
          message: `Argo CD does not sync ${manual.application.name} now: cannot sync: blocked by sync window`,
        });
        [reference] = first.context.effects;
      } finally {
        await lift();
      }
      const second = begin(sync, { ...run, outputs, attempt: 2, reference });
      const { output, adopted } = await second.result;
      expect(adopted).toBe(false);
      expect(second.context.effects).toHaveLength(1);
      outputs[sync.id] = output;
      await begin(rollout, { ...run, outputs }).result;
      expect(await count()).toMatchObject({ manual: ONCE });
    });

    it('fails with the migration, and rolls nothing out', async () => {
      const { manual } = world;
      const running = await imagesThatRun(manual);
      const { version, repair } = await world.breakMigration();
      const plan = await hotfix.plan(version);
      expect(plan.problems).toEqual([]);
      const run = { runId: nextRun(), requestedAt: new Date().toISOString() };
      const [commit, sync] = ['commit', 'sync'].map(handler =>
        stepOf(plan, handler, manual),
      );
      const outputs: Record<string, JsonObject> = {};
      outputs[commit.id] = (await begin(commit, run).result).output;
      const count = await startCounting();
      const failed = begin(sync, { ...run, outputs });
      await expect(failed.result).rejects.toMatchObject({
        name: 'StepFailedError',
        message: `The migration failed, so nothing was rolled out: PreSync hook Job ${manual.migration} failed: Job has reached the specified backoff limit`,
      });
      expect(failed.context.effects).toHaveLength(1);
      expect(await count()).toMatchObject({
        manual: { syncs: 0, migrations: 1 },
      });
      expect(await imagesThatRun(manual)).toEqual(running);
      await repair();
    });
  },
);

/** How often it was deployed so far: the history keeps only some, but counts on. */
function deploysOf({ status }: Application): number {
  const history = status?.history ?? [];
  return (history[history.length - 1]?.id ?? -1) + 1;
}
