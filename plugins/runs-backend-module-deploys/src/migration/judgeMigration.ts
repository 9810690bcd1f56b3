import {
  Application,
  ApplicationResource,
  FleetReader,
  JobRow,
} from '@switchyard/fleet-node';
import { MigrationVerdict, readMigration } from '../argocd/migrationVerdict';
import { operationIdOf } from '../argocd/operationIdentity';
import { ApplicationId } from '../operations/applicationTargets';

const HOOK = 'argocd.argoproj.io/hook';
/** Hooks that run before or among what is applied: a PostSync hook migrates nothing that the rollout waits for. */
const MIGRATES = /\b(PreSync|Sync)\b/;

/** The last run of an Application's migration, as far as it can be known. */
export interface JudgedMigration extends MigrationVerdict {
  /** The operation that tells it, or the Job where no operation does. */
  told: string | null;
}

/**
 * The verdict on an Application's last migration. Argo CD keeps one operation only, and heals single resources after it: then the Job that is still there tells.
 */
export function judgeMigration(
  options: {
    application: Application;
    id: ApplicationId;
    /** Of the fleet; null where the destination is none. */
    cluster: string | null;
  },
  fleet: FleetReader,
): JudgedMigration {
  const { application, id, cluster } = options;
  const state = application.status?.operationState;
  const verdict = readMigration(state, id, undefined);
  if (verdict.hook) return { ...verdict, told: operationIdOf(state) };
  const jobs =
    cluster === null
      ? []
      : migrationJobsOf(application.status?.resources ?? [], cluster, fleet);
  const [job] = jobs.sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return job
    ? { ...verdictOf(job), told: job.uid }
    : { ...verdict, told: operationIdOf(state) };
}

/** Hook Jobs that migrate, of those that an Application shows. */
export function migrationJobsOf(
  resources: readonly Pick<
    ApplicationResource,
    'kind' | 'namespace' | 'name' | 'hook'
  >[],
  cluster: string,
  fleet: FleetReader,
): JobRow[] {
  return resources
    .filter(({ kind, hook }) => kind === 'Job' && hook)
    .flatMap(({ namespace, name }) => fleet.jobs({ cluster, namespace, name }))
    .filter(({ uid }) => {
      const object: any = fleet.object({ cluster, uid });
      return MIGRATES.test(object?.metadata?.annotations?.[HOOK] ?? '');
    });
}

function verdictOf(job: JobRow): MigrationVerdict {
  const { namespace, name, condition, active } = job;
  const hook = { kind: 'Job', namespace, name };
  const called = `Hook Job ${name}`;
  if (condition?.type === 'Complete')
    return { state: 'ran', text: `${called} ran`, hook };
  if (condition?.type === 'Failed')
    return {
      state: 'failed',
      text: `${called} failed${
        condition.message ? `: ${condition.message}` : ''
      }`,
      hook,
    };
  return {
    state: 'running',
    text: `${called} ${active > 0 ? 'is running' : 'has not ended'}`,
    hook,
  };
}
