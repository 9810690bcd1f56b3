import { join } from 'node:path';
import { ArgocdFaults } from '../faults/argocdFaults';
import { ApplicationCounts } from '../faults/counts';
import { Listener } from '../http/listen';
import { VerbCounts } from '../http/VerbCounts';
import { textOf } from '../kubernetes/json';
import { ClusterStore } from '../kubernetes/types';
import { WorldClock } from '../world/clock';
import { readJson, writeWhole } from '../worldFile';
import { AccessControl, Account } from './api/AccessControl';
import { startArgocdServer } from './api/argocdServer';
import { ArgocdCluster, Projects } from './api/context';
import { OpenStreams } from './api/OpenStreams';
import { ApplicationCluster, IN_CLUSTER } from './ApplicationCluster';
import { ApplicationController } from './ApplicationController';
import {
  ApplicationSet,
  ApplicationSetController,
} from './ApplicationSetController';
import { ApplicationStore } from './ApplicationStore';
import { ManifestSource } from './ManifestSource';
import { Application, AppProject, keyOfApplication } from './types';

const SAVE_AFTER_MS = 500;

export interface ArgocdOptions {
  /** Folder of the world; Argo CD keeps one file in it. */
  dir: string;
  /** Name of that file; each instance has its own. */
  file?: string;
  port: number;
  clock: WorldClock;
  manifests: ManifestSource;
  clusters: ReadonlyArray<ArgocdCluster & { store: ClusterStore }>;
  projects: readonly AppProject[];
  accounts: readonly Account[];
  secret: string;
  faults: ArgocdFaults;
  streams: OpenStreams;
  unimplemented: VerbCounts;
  /** Applications of a new world; a folder that holds a world already is continued. */
  firstApplications: readonly Application[];
  applicationSets?: readonly ApplicationSet[];
  /** Namespaces beside its own in which Applications may lie. */
  applicationNamespaces?: readonly string[];
  /** How long a log-in with a password lasts; a day when absent. */
  sessionSeconds?: number;
  onError(error: unknown): void;
}

export interface Argocd {
  listener: Listener;
  applications: ApplicationStore;
  projects: Projects;
  controller: ApplicationController;
  access: AccessControl;
  counts(): Record<string, ApplicationCounts>;
  close(): Promise<void>;
}

interface ArgocdFile {
  resourceVersion: number;
  applications: Application[];
  /** Id that the next history entry of each Application had when the world began. */
  firstHistoryIds: Record<string, number>;
  operations: Record<string, number>;
}

/** Argo CD in one: API server, repo server and application controller. */
export async function startArgocd(options: ArgocdOptions): Promise<Argocd> {
  const { clock, clusters, faults, manifests, unimplemented } = options;
  const file = join(options.dir, options.file ?? 'argocd.json');
  const known =
    (await readJson<ArgocdFile>(file)) ?? newWorld(options.firstApplications);
  const { firstHistoryIds, operations } = known;
  const applications = ApplicationStore.create(known);
  const projects = Projects.create({
    projects: options.projects,
    clusters,
    isClosed: faults.isClosed,
  });
  const home = ApplicationCluster.create({
    applications,
    now: () => clock.now(),
  });
  const destinations = [...clusters, { ...IN_CLUSTER, store: home }];
  const sets = ApplicationSetController.create({
    applications,
    sets: options.applicationSets ?? [],
    clock,
  });
  const controller = ApplicationController.create({
    applications,
    manifests,
    clock,
    rules: {
      canSync: (application, { manual }) =>
        projects.canSync(application, { manual, now: clock.now() }),
      isStuck: faults.isStuck,
      takeNeedlessSelfHeal: faults.takeNeedlessSelfHeal,
    },
    clusters: destinations.map(cluster => cluster.store),
    clusterOf: ({ spec: { destination } }) =>
      destinations.find(
        cluster =>
          cluster.server === destination.server ||
          cluster.name === destination.name,
      )?.store,
    operationStarted: name => {
      operations[name] = (operations[name] ?? 0) + 1;
    },
    onError: options.onError,
  });
  const access = AccessControl.create({
    accounts: options.accounts,
    secret: options.secret,
    now: () => clock.now(),
    isForbidden: faults.isForbidden,
    isExpired: faults.isExpired,
    sessionSeconds: options.sessionSeconds,
  });
  const listener = await startArgocdServer({
    port: options.port,
    context: {
      applications,
      controller,
      manifests,
      projects,
      clusters,
      access,
      clock,
      faults,
      streams: options.streams,
      applicationNamespaces: options.applicationNamespaces ?? [],
      home,
    },
    unimplemented,
    faults,
  });
  const saving = saveChanges(applications, options, () =>
    writeWhole(
      file,
      fileText(
        {
          resourceVersion: Number(applications.resourceVersion),
          firstHistoryIds,
          operations,
        },
        applications.list(),
      ),
    ),
  );
  controller.start();
  sets.start();
  await controller.compareAll();
  return {
    listener,
    applications,
    projects,
    controller,
    access,
    counts: () =>
      Object.fromEntries(
        applications.list().map((application): [string, ApplicationCounts] => {
          const name = keyOfApplication(application);
          return [
            name,
            {
              syncs:
                nextHistoryId(application.status.history) -
                (firstHistoryIds[name] ?? 0),
              operations: operations[name] ?? 0,
            },
          ];
        }),
      ),
    close: async () => {
      await listener.close();
      sets.close();
      await controller.close();
      await saving.close();
    },
  };
}

/** An {@link ArgocdFile}; of Applications that have not changed since the last time the text is there. */
function fileText(
  head: Omit<ArgocdFile, 'applications'>,
  applications: readonly Application[],
): string {
  return `${JSON.stringify(head).slice(0, -1)},"applications":[${applications
    .map(textOf)
    .join()}]}`;
}

function newWorld(applications: readonly Application[]): ArgocdFile {
  return {
    resourceVersion: 200_000,
    applications: [...applications],
    firstHistoryIds: Object.fromEntries(
      applications.map(application => [
        keyOfApplication(application),
        nextHistoryId(application.status.history),
      ]),
    ),
    operations: {},
  };
}

function nextHistoryId(history: Application['status']['history']): number {
  return (history?.[history.length - 1]?.id ?? -1) + 1;
}

/** Saves a moment after a change, never twice at once. */
function saveChanges(
  applications: ApplicationStore,
  options: Pick<ArgocdOptions, 'onError'>,
  save: () => Promise<void>,
): { close(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();
  const saveNow = () => {
    timer = undefined;
    saving = saving.then(save).catch(options.onError);
  };
  const stop = applications.subscribe(() => {
    timer ??= setTimeout(saveNow, SAVE_AFTER_MS);
  });
  return {
    close: async () => {
      stop();
      clearTimeout(timer);
      saveNow();
      await saving;
    },
  };
}
