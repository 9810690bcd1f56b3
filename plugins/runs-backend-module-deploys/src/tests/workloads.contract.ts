import { JsonObject } from '@backstage/types';
import { StepHandler } from '@switchyard/backstage-plugin-runs-node';
import {
  ContractDeployment,
  contractWorlds,
  ContractWorld,
} from '@switchyard/contract-worlds';
import {
  createTestContext,
  TestContext,
} from '../__testUtils__/createTestContext';
import {
  ContractHotfix,
  INSTANCE,
  openContractHotfix,
} from '../__testUtils__/openContractHotfix';
import { createRestartStep } from '../effects/restartStep';
import { createScaleStep } from '../effects/scaleStep';
import { createReadyStep } from '../steps/readyStep';
import { DEFAULT_PATIENCE } from '../steps/types';
import { ChangedOutput } from '../workloads/types';

const STEP_MS = 90_000;

describe.each(contractWorlds({ what: 'restart and scale' }))(
  'restart, scale and %s',
  (_, open) => {
    let world: ContractWorld;
    let portal: ContractHotfix;
    /** Argo CD does not heal it. */
    let deployment: ContractDeployment;
    let tools: Parameters<typeof createReadyStep>[0];

    const id = () => ({
      cluster: deployment.cluster,
      kind: 'Deployment',
      namespace: deployment.namespace,
      name: deployment.workload,
    });
    const row = () =>
      portal.fleet
        .workloads(id())
        .find(({ kind, name }) => kind === id().kind && name === id().name)!;
    const podsThatStay = () =>
      portal.fleet
        .pods({
          cluster: deployment.cluster,
          namespace: deployment.namespace,
          labels: { 'app.kubernetes.io/name': deployment.workload },
        })
        .filter(({ owner, deletedAt }) => {
          return owner?.kind === 'ReplicaSet' && !deletedAt;
        })
        .map(({ uid }) => uid);
    const syncStatus = async () => {
      const { status } = await portal.fleet
        .argo(INSTANCE)
        .getApplication(deployment.application, {
          refresh: 'normal',
          signal: AbortSignal.timeout(STEP_MS),
        });
      return status?.sync?.status;
    };
    /** One attempt of a step. */
    const attempt = async (
      handler: StepHandler,
      options: Parameters<typeof createTestContext>[0],
    ): Promise<{ context: TestContext; output: JsonObject }> => {
      const context = createTestContext({ ...options, timeoutMs: STEP_MS });
      const adopted =
        context.step.attempt > 1 ? await handler.adopt?.(context) : undefined;
      const { output } = adopted ?? (await handler.run(context));
      return { context, output };
    };
    const untilReady = (changed: JsonObject, replicas?: number) =>
      attempt(createReadyStep(tools), {
        input: {
          workload: id(),
          after: 'changed',
          ...(replicas !== undefined && { replicas }),
        },
        outputs: { changed },
      });

    beforeAll(async () => {
      world = await open();
      portal = await openContractHotfix(world);
      deployment = world.manual;
      tools = { fleet: portal.fleet, patience: DEFAULT_PATIENCE };
    });
    afterAll(async () => {
      await portal?.close();
      await world?.close();
    });

    it('restarts all pods once, also when the worker is gone after it has asked, and Argo CD sees no difference', async () => {
      expect(await syncStatus()).toBe('Synced');
      const { generation } = row();
      const old = podsThatStay();
      expect(old.length).toBeGreaterThan(0);

      const run = { runId: 'contract-restart', input: { workload: id() } };
      const restart = createRestartStep(tools);
      const first = await attempt(restart, run);
      const [reference] = first.context.effects;
      const later = await attempt(restart, { ...run, attempt: 2, reference });
      expect(later.output).toMatchObject({
        uid: first.output.uid,
        generation: generation + 1,
      });

      const { output } = await untilReady(first.output);
      expect(output.pods).toBe(
        `Deployment ${deployment.workload}: ${old.length} of ${old.length} pods ready`,
      );
      expect(row().generation).toBe(generation + 1);
      expect(podsThatStay().filter(uid => old.includes(uid))).toEqual([]);
      expect(await syncStatus()).toBe('Synced');
    });

    it('sets another size, which Argo CD calls OutOfSync where it does not heal, and back', async () => {
      const { desired: before } = row();
      const scale = createScaleStep(tools);
      const to = async (replicas: number, from: number) => {
        const { output } = await attempt(scale, {
          runId: `contract-scale-${replicas}`,
          input: { workload: id(), before: from, replicas },
        });
        expect((output as ChangedOutput).generation).toBeGreaterThan(0);
        await untilReady(output, replicas);
        expect(podsThatStay()).toHaveLength(replicas);
        return syncStatus();
      };
      expect(await to(before + 1, before)).toBe('OutOfSync');
      expect(await to(before, before + 1)).toBe('Synced');
    });
  },
);
