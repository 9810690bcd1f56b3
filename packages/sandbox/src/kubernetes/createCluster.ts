import { Random } from '../world/Random';
import { ClusterOptions, SandboxCluster } from './cluster';
import { ClusterFaults } from './ClusterFaults';
import { AutoscalerController } from './controllers/AutoscalerController';
import { Controller, ControlPlane } from './controllers/ControlPlane';
import { CronJobController } from './controllers/CronJobController';
import { DaemonSetController } from './controllers/DaemonSetController';
import { DefinitionController } from './controllers/DefinitionController';
import { DeploymentController } from './controllers/DeploymentController';
import { DisruptionController } from './controllers/DisruptionController';
import { EventRecorder } from './controllers/EventRecorder';
import { GarbageCollector } from './controllers/GarbageCollector';
import { IngressController } from './controllers/IngressController';
import { JobController } from './controllers/JobController';
import { NamespaceController } from './controllers/NamespaceController';
import { NodeLifecycle } from './controllers/NodeLifecycle';
import { QuotaController } from './controllers/QuotaController';
import { ReplicaSetController } from './controllers/ReplicaSetController';
import { StatefulSetController } from './controllers/StatefulSetController';
import { VolumeController } from './controllers/VolumeController';
import { startApiServer } from './http/apiServer';
import { identityOf } from './identity';
import { Kubelets } from './kubelet/Kubelets';
import { Scheduler } from './kubelet/Scheduler';
import { UsageMeter } from './metrics/UsageMeter';
import { bootstrapPolicy } from './rbac/bootstrapPolicy';
import { resourceOfKind } from './resources';
import { readSnapshot, restoreObjects, SnapshotWriter } from './snapshot';
import { AnalysisController } from './rollouts/AnalysisController';
import { RolloutController } from './rollouts/RolloutController';
import { Registry } from './store/Registry';
import { RegistryStore } from './store/RegistryStore';
import { Storage } from './store/Storage';

/** A cluster that has lived a little does not begin at 1. */
const FIRST_RESOURCE_VERSION = 100_000;

/** Starts a cluster: its API on a port, and its controllers. Continues from its file if there is one. */
export async function createCluster(
  options: ClusterOptions,
): Promise<SandboxCluster> {
  const { name, version, clock, file } = options;
  const snapshot = readSnapshot(file);
  const storage = Storage.create({
    resourceVersion: snapshot?.resourceVersion ?? FIRST_RESOURCE_VERSION,
  });
  const random = Random.create({
    seed: `${options.seed} ${name}`,
    counter: snapshot?.random,
  });
  if (snapshot) {
    restoreObjects(storage, snapshot);
  }
  const minorVersion = Number(version.split('.')[1]);
  const registry = Registry.create({ storage, clock, random, minorVersion });
  makeBootstrapRoles(
    Registry.create({
      storage,
      clock,
      minorVersion,
      // Of their own, so that more roles change no name of the world.
      random: Random.create({ seed: `${options.seed} ${name} roles` }),
    }),
  );
  const events = EventRecorder.create({ registry, clock, random });
  const plane: ControlPlane = {
    registry,
    clock,
    random,
    events,
    minorVersion,
    readySince: new Map(),
    meter: UsageMeter.create({ ...options, cluster: name }),
  };
  const kubelets = Kubelets.create({ ...options, plane, cluster: name });
  const nodes = NodeLifecycle.create({ plane, kubelets });
  const faults = ClusterFaults.create({
    accidents: {
      losePod: (namespace, pod) => losePod(registry, namespace, pod),
      loseNode: node => nodes.lose(node),
      restoreNode: node => nodes.restore(node),
    },
  });
  const controllers: Controller[] = [
    events,
    NamespaceController.create(plane),
    GarbageCollector.create(plane),
    DeploymentController.create(plane),
    ReplicaSetController.create(plane),
    JobController.create(plane),
    StatefulSetController.create(plane),
    DaemonSetController.create(plane),
    CronJobController.create(plane),
    AutoscalerController.create({
      plane,
      metricsGone: () => faults.state().metricsGone,
    }),
    DisruptionController.create(plane),
    QuotaController.create(plane),
    VolumeController.create(plane),
    IngressController.create(plane),
    DefinitionController.create(plane),
    RolloutController.create(plane),
    AnalysisController.create(plane),
    Scheduler.create(plane),
    nodes,
    kubelets,
  ];
  const writer = file
    ? SnapshotWriter.create({ file, storage, random })
    : undefined;
  const stop = () => {
    controllers.forEach(controller => controller.close());
    writer?.close();
  };
  try {
    const api = await startApiServer({
      ...options,
      registry,
      meter: plane.meter,
      faults,
    });
    return {
      name,
      version,
      url: api.url,
      port: api.port,
      token: options.token,
      isNew: !snapshot,
      store: RegistryStore.create({ name, version, registry, faults }),
      faults,
      add: (object, { manager }) => registry.create(object, { manager }),
      save: () => writer?.write(),
      async close() {
        await api.close();
        stop();
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

/** The roles that every API server makes when it starts, where they are not there. */
function makeBootstrapRoles(registry: Registry): void {
  for (const object of bootstrapPolicy) {
    if (!registry.get(identityOf(object))) {
      registry.create(object, { manager: 'kube-apiserver' });
    }
  }
}

function losePod(registry: Registry, namespace: string, name: string): boolean {
  const pods = resourceOfKind('v1', 'Pod')!;
  const pod = registry.storage.get(pods, namespace, name);
  if (!pod) {
    return false;
  }
  registry.storage.remove(pods, pod);
  return true;
}
