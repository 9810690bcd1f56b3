import { AuditorService, AuthService } from '@backstage/backend-plugin-api';
import { MetricsService } from '@backstage/backend-plugin-api/alpha';
import { Entity } from '@backstage/catalog-model';
import { JsonObject } from '@backstage/types';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { RunPlan } from '@switchyard/backstage-plugin-runs-common';
import { ActionKind, FactSource } from '@switchyard/backstage-plugin-runs-node';
import { randomUUID } from 'node:crypto';
import { ApprovalPolicies } from '../approvals/ApprovalPolicies';
import { Approvals } from '../approvals/Approvals';
import { RunsConfig } from '../config';
import { DatabaseQueueStore } from '../database/DatabaseQueueStore';
import { DatabaseRunStore } from '../database/DatabaseRunStore';
import { DatabaseGateStore } from '../database/GateStore';
import { DatabaseLockStore } from '../database/LockStore';
import { RunsDatabase } from '../database/openDatabase';
import { FullRun, NewGate } from '../database/types';
import { FindingPolicies } from '../interlock/FindingPolicies';
import { InterlockReader } from '../interlock/InterlockReader';
import { RunInterlock } from '../interlock/RunInterlock';
import { ActionKinds } from '../kinds/ActionKinds';
import { hashPlan } from '../kinds/planHash';
import { ChangeListener } from '../signals/ChangeListener';
import { startWorker, Worker } from '../startWorker';
import { silentLogger, TestDatabase, testConfig } from './TestDatabase';
import { createPlan, ENTITY_REF, until } from './testKind';

const instrument = {
  add: () => {},
  record: () => {},
  addCallback: () => {},
  removeCallback: () => {},
};
const silentMetrics = new Proxy(
  {},
  { get: () => () => instrument },
) as MetricsService;

/** A small catalog that tests may change while runs go on. */
export class TestCatalog {
  readonly entities = new Map<string, Entity>();
  /** Refuses, or hears the question and never answers. */
  fault: 'down' | 'silent' | undefined;
  /** How often it was asked. */
  asked = 0;

  constructor() {
    this.set(ENTITY_REF, [
      { type: 'ownedBy', targetRef: 'group:default/storefront' },
    ]);
    this.set('user:default/dana', [
      { type: 'memberOf', targetRef: 'group:default/storefront' },
    ]);
    this.set('user:default/omar', [
      { type: 'memberOf', targetRef: 'group:default/storefront' },
    ]);
  }

  set(ref: string, relations: Entity['relations'] = []): void {
    const [kind, rest] = ref.split(':');
    const [namespace, name] = rest.split('/');
    this.entities.set(ref, {
      apiVersion: 'backstage.io/v1alpha1',
      kind,
      metadata: { namespace, name },
      relations,
    });
  }

  get service(): CatalogService {
    const getEntitiesByRefs = async ({
      entityRefs,
    }: {
      entityRefs: string[];
    }) => {
      this.asked += 1;
      if (this.fault === 'down') throw new Error('The catalog is down');
      if (this.fault === 'silent') await new Promise(() => {});
      return { items: entityRefs.map(ref => this.entities.get(ref)) };
    };
    return { getEntitiesByRefs } as unknown as CatalogService;
  }
}

/** A replica of the working half, with everything around it made of memory but the database. */
export class TestReplica {
  static async start(options: {
    database: TestDatabase;
    kinds?: Array<ActionKind<any>>;
    sources?: FactSource[];
    catalog?: TestCatalog;
    config?: Partial<RunsConfig>;
    /** Of a proxy that leads to the database. */
    port?: number;
    retryDelayMs?: (failures: number) => number;
    /** False: it is there, but takes no run. */
    working?: boolean;
  }): Promise<TestReplica> {
    const { database, port } = options;
    const config = { ...testConfig, ...options.config };
    const opened = await database.open({ port, config });
    const kinds = new ActionKinds();
    for (const kind of options.kinds ?? []) kinds.add(kind);
    const replica = new TestReplica(
      opened,
      kinds,
      options.catalog ?? new TestCatalog(),
      options.sources ?? [],
      config,
    );
    if (options.working !== false)
      await replica.#work(config, options.retryDelayMs ?? (() => 5));
    return replica;
  }

  readonly database: RunsDatabase;
  readonly queue: DatabaseQueueStore;
  readonly runs: DatabaseRunStore;
  readonly locks: DatabaseLockStore;
  readonly gates: DatabaseGateStore;
  readonly approvals: Approvals;
  readonly kinds: ActionKinds;
  readonly catalog: TestCatalog;
  readonly reader: InterlockReader;
  /** `meta` of audit events. */
  readonly audited: JsonObject[] = [];
  #worker: Worker | undefined;
  #listener: ChangeListener | undefined;

  private constructor(
    database: RunsDatabase,
    kinds: ActionKinds,
    catalog: TestCatalog,
    sources: FactSource[],
    config: RunsConfig,
  ) {
    this.database = database;
    this.kinds = kinds;
    this.catalog = catalog;
    this.queue = DatabaseQueueStore.create(database);
    this.runs = DatabaseRunStore.create(database);
    this.locks = DatabaseLockStore.create(database);
    this.gates = DatabaseGateStore.create(database);
    this.reader = InterlockReader.create({
      sources: new Map(sources.map(source => [source.id, source])),
      catalog: catalog.service,
      auth: { getOwnServiceCredentials: async () => ({}) } as AuthService,
      accessMembers: undefined,
      logger: silentLogger,
    });
    this.approvals = Approvals.create({
      policies: new ApprovalPolicies(config.approvals),
      gates: this.gates,
      findEntities: refs => this.reader.readEntities(refs),
    });
  }

  get claimLoopAgeMs(): number {
    return this.#worker!.claimLoopAgeMs();
  }

  get activeRuns(): number {
    return this.#worker!.activeRuns();
  }

  /** Puts a run in line and answers with its id. */
  async request(
    plan: Partial<RunPlan> = {},
    options: {
      requestedBy?: string;
      groups?: string[];
      /** Those that the policies ask for, unless told otherwise. */
      gates?: NewGate[];
    } = {},
  ): Promise<string> {
    const id = randomUUID();
    const whole = createPlan(plan);
    await this.queue.insertRun({
      id,
      plan: whole,
      planHash: hashPlan(whole),
      reason: 'To see it work',
      requestedBy: options.requestedBy ?? 'user:default/dana',
      requesterGroups: options.groups ?? ['group:default/storefront'],
      idempotencyKey: id,
      requestHash: id,
      gates: options.gates ?? (await this.#toGates(whole, options.requestedBy)),
      inputHashes: Object.fromEntries(whole.steps.map(step => [step.id, 'x'])),
    });
    return id;
  }

  async #toGates(
    plan: RunPlan,
    requestedBy = 'user:default/dana',
  ): Promise<NewGate[]> {
    return this.approvals.toGates({
      // Of a component that the test has taken out of the catalog nothing is known.
      entity: this.catalog.entities.get(plan.entityRef) ?? {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Component',
        metadata: { name: 'gone' },
      },
      environment: plan.environment,
      action: plan.kind,
      requestedBy,
      plan,
    });
  }

  async find(id: string): Promise<FullRun> {
    return (await this.runs.findRun(id))!;
  }

  /** Waits until the run has the status, and answers with it. */
  async reaches(
    id: string,
    status: string,
    timeoutMs?: number,
  ): Promise<FullRun> {
    let run = await this.find(id);
    await until(
      async () => (run = await this.find(id)).status === status,
      timeoutMs,
    ).catch(() => {
      throw new Error(
        `Run is ${run.status} instead of ${status}: ${JSON.stringify(
          run.steps,
        )} ${run.cause}`,
      );
    });
    return run;
  }

  /** Waits until the first step of the run is under way. A run that is running may still be asking whether it may. */
  async begins(id: string): Promise<void> {
    await until(
      async () => (await this.find(id)).steps[0].status === 'running',
    );
  }

  async confirm(id: string, by = 'user:default/omar'): Promise<boolean> {
    const run = await this.find(id);
    const confirmed = {
      by,
      at: new Date().toISOString(),
      stepId: run.parked?.stepId,
      found: run.parked?.message,
    };
    return this.runs.confirm(id, run.plan.keys, { confirmed, groups: [] });
  }

  async retry(id: string, stepId: string): Promise<boolean> {
    const run = await this.find(id);
    const confirmed = {
      by: 'user:default/dana',
      at: new Date().toISOString(),
      retriedStepId: stepId,
    };
    return this.runs.retryStep(id, run.plan.keys, stepId, {
      confirmed,
      groups: ['group:default/storefront'],
    });
  }

  /** As a graceful shutdown does. */
  async stop(): Promise<void> {
    await this.#worker?.stop();
    await this.#listener?.stop();
    await this.database.close();
  }

  async #work(
    config: RunsConfig,
    retryDelayMs: (failures: number) => number,
  ): Promise<void> {
    const auditor = {
      createEvent: async ({ meta }: { meta: JsonObject }) => ({
        success: async () => void this.audited.push(meta),
        fail: async () => {},
      }),
    } as unknown as AuditorService;
    this.#worker = startWorker({
      database: this.database,
      config,
      queue: this.queue,
      runs: this.runs,
      locks: this.locks,
      gates: this.gates,
      kinds: this.kinds,
      interlock: RunInterlock.create({
        reader: this.reader,
        approvals: this.approvals,
        findings: new FindingPolicies(config.findings),
      }),
      approvals: this.approvals,
      reader: this.reader,
      auditor,
      metrics: silentMetrics,
      retryDelayMs,
      logger: silentLogger,
    });
    this.#listener = new ChangeListener({
      ...this.database,
      logger: silentLogger,
      onChange: change => this.#worker!.note(change),
    });
    await this.#listener.start();
  }
}
