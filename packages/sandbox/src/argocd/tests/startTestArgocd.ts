import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { addArgocdFaults } from '../../faults/argocdFaults';
import { FaultBoard } from '../../faults/FaultBoard';
import { BareRepository } from '../../git';
import { VerbCounts } from '../../http/VerbCounts';
import { LiveClock } from '../../world/clock';
import { OpenStreams } from '../api/OpenStreams';
import { ApplicationSet } from '../ApplicationSetController';
import { ManifestSource } from '../ManifestSource';
import { newApplication } from '../newApplication';
import { Charts } from '../render/charts';
import { Argocd, startArgocd } from '../startArgocd';
import { Application, AppProject, SyncWindow } from '../types';
import { MemoryClusterStore } from './MemoryClusterStore';

export const GIT_URL = 'http://git.test';
export const AUTHOR = { name: 'Dana', email: 'dana@example.com' };

/** Orders with a migration: `image` is all that differs between versions. */
export function ordersManifests(version: string): Record<string, string> {
  return {
    'apps/orders/orders.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: orders}
spec:
  replicas: 2
  template:
    spec:
      containers: [{name: orders, image: 'registry/orders:${version}'}]
---
apiVersion: batch/v1
kind: Job
metadata:
  name: orders-migrate
  annotations: {argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/hook-delete-policy: BeforeHookCreation}
spec:
  template:
    spec:
      containers: [{name: migrate, image: 'registry/orders:${version}', args: [migrate]}]
`,
    'apps/orders/service.yaml':
      'apiVersion: v1\nkind: Service\nmetadata: {name: orders}\nspec: {ports: [{port: 80}]}\n',
  };
}

function ordersApplication(name: string, automated: boolean): Application {
  return newApplication(
    {
      metadata: {
        name,
        labels: { 'backstage-name': 'orders' },
        annotations: { 'backstage.io/entity-ref': 'component:default/orders' },
      },
      spec: {
        project: 'storefront',
        source: {
          repoURL: `${GIT_URL}/deploy.git`,
          path: 'apps/orders',
          targetRevision: 'main',
        },
        destination: { name: 'test', namespace: name },
        ...(automated
          ? { syncPolicy: { automated: { prune: true, selfHeal: true } } }
          : {}),
      },
    },
    new Date('2026-11-01T00:00:00Z'),
  );
}

function project(name: string, syncWindows?: SyncWindow[]): AppProject {
  return {
    metadata: {
      name,
      namespace: 'argocd',
      uid: name,
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-11-01T00:00:00Z',
    },
    spec: {
      description: name,
      sourceRepos: ['*'],
      destinations: [{ server: '*', name: '*', namespace: '*' }],
      roles: [],
      ...(syncWindows?.length ? { syncWindows } : {}),
    },
    status: {},
  };
}

export interface Answer<T = any> {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: T;
}

export interface TestArgocdOptions {
  speed: number;
  /** In the repository beside those of orders. */
  files?: Record<string, string>;
  /** Beside `manual` and `auto`. */
  applications: Application[];
  applicationSets: ApplicationSet[];
  /** Sync windows of the project. */
  windows: SyncWindow[];
  sessionSeconds?: number;
}

/** An Argo CD with two Applications of one folder: `manual` and `auto`, on a cluster and a repository of its own. */
export class TestArgocd {
  static async start(
    options: Partial<TestArgocdOptions> = {},
  ): Promise<TestArgocd> {
    const dir = await mkdtemp(join(tmpdir(), 'sandbox-argocd-'));
    const repository = await BareRepository.init({
      name: 'deploy',
      directory: join(dir, 'deploy.git'),
    });
    await repository.commit('main', [
      {
        author: AUTHOR,
        message: 'orders v1',
        files: { ...ordersManifests('v1'), ...options.files },
      },
    ]);
    const test = new TestArgocd(dir, repository, {
      speed: 100,
      applications: [],
      applicationSets: [],
      windows: [],
      ...options,
    });
    await test.startServer();
    return test;
  }

  readonly board = FaultBoard.create();
  readonly unimplemented = VerbCounts.create();
  readonly clock: LiveClock;
  readonly store: MemoryClusterStore;
  readonly errors: unknown[] = [];
  readonly #streams = OpenStreams.create();
  readonly #faults;
  argocd!: Argocd;
  token!: string;
  limitedToken!: string;

  private constructor(
    readonly dir: string,
    readonly repository: BareRepository,
    readonly options: TestArgocdOptions,
  ) {
    this.clock = LiveClock.create({
      speed: options.speed,
      onError: error => this.errors.push(error),
    });
    this.store = new MemoryClusterStore('test', this.clock);
    this.#faults = addArgocdFaults(this.board, {
      applications: ['manual', 'auto'],
      projects: ['storefront'],
      cutStreams: () => this.#streams.cutAll(),
    });
  }

  /** Also starts it again, from what it saved. */
  async startServer(): Promise<void> {
    this.argocd = await startArgocd({
      dir: this.dir,
      port: 0,
      clock: this.clock,
      manifests: ManifestSource.create({
        repositories: new Map([['deploy', this.repository]]),
        gitUrl: GIT_URL,
        charts: this.charts,
        isDown: () => this.gitDown,
      }),
      clusters: [
        {
          server: 'http://cluster.test',
          name: 'test',
          version: 'v1.34.2',
          store: this.store,
          readLog: (pod, signal) => this.readLog(pod, signal),
        },
      ],
      projects: [
        project('storefront', this.options.windows),
        project('platform'),
      ],
      accounts: [
        {
          name: 'admin',
          password: 'admin-password',
          tokenIds: ['1'],
          allowed: [['*', '*', '*']],
        },
        {
          name: 'portal',
          password: 'portal-password',
          tokenIds: ['1'],
          allowed: [
            ['applications', 'get', '*'],
            ['applications', 'sync', '*'],
            ['projects', 'get', '*'],
          ],
        },
        {
          name: 'limited',
          password: 'limited-password',
          tokenIds: ['1'],
          allowed: [['applications', 'get', 'storefront/manual']],
        },
        {
          name: 'nobody',
          password: 'nobody-password',
          tokenIds: ['1'],
          allowed: [],
        },
      ],
      secret: 'test-secret',
      faults: this.#faults,
      streams: this.#streams,
      unimplemented: this.unimplemented,
      firstApplications: [
        ordersApplication('manual', false),
        ordersApplication('auto', true),
        ...this.options.applications,
      ],
      applicationSets: this.options.applicationSets,
      applicationNamespaces: ['teams'],
      sessionSeconds: this.options.sessionSeconds,
      onError: error => this.errors.push(error),
    });
    this.token = this.tokenOf('portal');
    this.limitedToken = this.tokenOf('limited');
  }

  gitDown = false;
  readonly charts = Charts.create();
  /** Lines that each pod has written; a log that is followed ends when it is told. */
  readonly logs = new Map<string, string[]>();
  /** Queries with which logs were asked for. */
  readonly logQueries: string[] = [];

  async *readLog(
    { name, query }: { name: string; query: URLSearchParams },
    signal: AbortSignal,
  ): AsyncGenerator<string> {
    this.logQueries.push(query.toString());
    const lines = this.logs.get(name);
    if (!lines) {
      throw new Error(
        `container "orders" in pod "${name}" is waiting to start: ContainerCreating`,
      );
    }
    yield* lines;
    if (query.get('follow')) {
      await new Promise(resolve => signal.addEventListener('abort', resolve));
    }
  }

  tokenOf(account: string, id = '1'): string {
    return this.argocd.access.apiToken(
      account,
      id,
      new Date('2026-11-01T00:00:00Z'),
    );
  }

  commit(message: string, files: Record<string, string>): Promise<string> {
    return this.repository.commit('main', [{ author: AUTHOR, message, files }]);
  }

  get(
    path: string,
    options: { token?: string; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    return this.call('GET', path, { ...options, contentType: null });
  }

  post(
    path: string,
    body: unknown,
    options: { token?: string } = {},
  ): Promise<Answer> {
    return this.call('POST', path, { ...options, body: JSON.stringify(body) });
  }

  async call(
    method: string,
    path: string,
    options: {
      token?: string;
      body?: string;
      contentType?: string | null;
      headers?: Record<string, string>;
    } = {},
  ): Promise<Answer> {
    const contentType =
      options.contentType === undefined
        ? 'application/json'
        : options.contentType;
    const headers = {
      Authorization: `Bearer ${options.token ?? this.token}`,
      ...(contentType === null ? {} : { 'Content-Type': contentType }),
      ...options.headers,
    };
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        this.argocd.listener.url + path,
        { method, headers, agent: false },
        response => {
          const chunks: Buffer[] = [];
          response.on('data', chunk => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            let json: unknown;
            try {
              json = JSON.parse(text);
            } catch {
              json = undefined;
            }
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              text,
              json,
            });
          });
        },
      );
      request.on('error', reject);
      request.end(options.body);
    });
  }

  application(name: string): Application {
    return this.argocd.applications.get(name)!;
  }

  /** Waits until an Application looks as asked for; fails after some seconds. */
  async until(
    name: string,
    predicate: (application: Application) => unknown,
  ): Promise<Application> {
    const end = Date.now() + 10_000;
    for (;;) {
      const application = this.application(name);
      if (application && predicate(application)) {
        return application;
      }
      if (Date.now() > end) {
        throw new Error(
          `${name} did not get there: ${JSON.stringify({
            ...application?.status,
            resources: undefined,
            history: undefined,
          })}`,
        );
      }
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }

  /** Deploys what is in Git, so that both Applications are Synced and Healthy. */
  async settle(): Promise<void> {
    await this.until(
      'auto',
      ({ status, operation }) =>
        !operation &&
        status.sync.status === 'Synced' &&
        status.health.status === 'Healthy',
    );
    await this.post('/api/v1/applications/manual/sync', {});
    await this.until(
      'manual',
      ({ status, operation }) =>
        !operation &&
        status.sync.status === 'Synced' &&
        status.health.status === 'Healthy',
    );
  }

  async stop(): Promise<void> {
    await this.argocd.close();
    this.clock.close();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** Runs the git program on the repository. */
  async git(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('git', args, {
      cwd: this.repository.directory,
    });
    return stdout.trim();
  }
}
