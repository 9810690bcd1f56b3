import { Random } from '../world/Random';
import { ClusterOptions, SandboxCluster } from './cluster';
import { ClusterFaults } from './ClusterFaults';
import { Registry } from './store/Registry';
import { RegistryStore } from './store/RegistryStore';
import { Storage } from './store/Storage';

/** Starts a cluster: its API on a port, and its controllers. Continues from its file if there is one. */
export async function createCluster(
  options: ClusterOptions,
): Promise<SandboxCluster> {
  const storage = Storage.create({ resourceVersion: 100_000 });
  const random = Random.create({ seed: `${options.seed} ${options.name}` });
  const registry = Registry.create({
    storage,
    clock: options.clock,
    random,
    minorVersion: Number(options.version.split('.')[1]),
  });
  const faults = ClusterFaults.create({
    accidents: {
      losePod: () => false,
      loseNode: () => false,
      restoreNode: () => false,
    },
  });
  const store = RegistryStore.create({
    name: options.name,
    version: options.version,
    registry,
    faults,
  });
  return {
    name: options.name,
    version: options.version,
    url: `http://127.0.0.1:${options.port}`,
    port: options.port,
    token: options.token,
    isNew: true,
    store,
    faults,
    async close() {},
  };
}
