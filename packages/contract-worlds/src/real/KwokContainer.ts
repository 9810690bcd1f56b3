import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CustomObjectsApi } from '@kubernetes/client-node';
import { ContractCluster } from '../types';

const KWOK = { group: 'kwok.x-k8s.io', version: 'v1alpha1' };

/**
 * The container of a pod on a node of kwok on this machine. Its processes run here, and its log is a file here: the API server, its web sockets and the
 * node's answers are real. Needs `kwok --enable-crds Exec,Logs` and the two definitions in the cluster.
 */
export class KwokContainer {
  readonly #dir: string;

  static async create(options: {
    cluster: ContractCluster;
    namespace: string;
    pod: string;
    env: Readonly<Record<string, string>>;
  }): Promise<KwokContainer> {
    const { cluster, namespace, pod, env } = options;
    const dir = await mkdtemp(join(tmpdir(), 'switchyard-kwok-'));
    await writeFile(join(dir, 'log'), '');
    const api = cluster.kubeConfig.makeApiClient(CustomObjectsApi);
    const make = (kind: string, plural: string, spec: object) =>
      api.createNamespacedCustomObject({
        ...KWOK,
        namespace,
        plural,
        body: {
          apiVersion: `${KWOK.group}/${KWOK.version}`,
          kind,
          metadata: { name: pod, namespace },
          spec,
        },
      });
    const envs = Object.entries(env).map(([name, value]) => ({ name, value }));
    await make('Exec', 'execs', { execs: [{ local: { envs } }] });
    await make('Logs', 'logs', { logs: [{ logsFile: join(dir, 'log') }] });
    return new KwokContainer(dir);
  }

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Writes a line as container runtimes do. */
  async say(line: string): Promise<void> {
    const at = new Date().toISOString().replace('Z', '000000Z');
    await appendFile(join(this.#dir, 'log'), `${at} stdout F ${line}\n`);
  }

  async close(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }
}
