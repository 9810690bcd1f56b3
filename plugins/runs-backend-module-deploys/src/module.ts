import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import {
  HttpRegistryClient,
  readRegistries,
  readVersionScheme,
} from '@switchyard/backstage-plugin-deploys-node';
import {
  runsActionsExtensionPoint,
  runsFactsExtensionPoint,
} from '@switchyard/backstage-plugin-runs-node';
import { fleetServiceRef, readSwitchyardConfig } from '@switchyard/fleet-node';
import { ContinuePlanner } from './canary/ContinuePlanner';
import { createContinueKind } from './canary/createContinueKind';
import { ApplicationCreatePlanner } from './creation/ApplicationCreatePlanner';
import { createApplicationCreateKind } from './creation/createApplicationCreateKind';
import { readNewApplicationRules } from './creation/rules';
import { createClusterSource } from './facts/clusterSource';
import { createConsentSource } from './facts/consentSource';
import { createGuestCache } from './facts/GuestCache';
import { createSharedTargetSource } from './facts/sharedTargetSource';
import {
  createSyncWindowCache,
  createSyncWindowSource,
} from './facts/syncWindowSource';
import { ConfiguredForges, PullRequestPolicy } from './forge';
import { ConfiguredGitRemotes, HttpGitClient, readCommitIdentity } from './git';
import { createWorkloadConsentSource } from './facts/workloadConsentSource';
import { createHotfixKind } from './hotfix/createHotfixKind';
import { HotfixPlanner } from './hotfix/HotfixPlanner';
import { DEFAULT_PATIENCE } from './steps/types';
import { createMigrateKind } from './migration/createMigrateKind';
import { MigrationPlanner } from './migration/MigrationPlanner';
import {
  createRolloutKinds,
  ROLLOUT_ACTIONS,
} from './rollouts/createRolloutKinds';
import { RolloutPlanner } from './rollouts/RolloutPlanner';
import { createSyncKind } from './sync/createSyncKind';
import { SyncPlanner } from './sync/SyncPlanner';
import { createReleaseKind } from './release/createReleaseKind';
import { ReleaseChoicesReader } from './release/ReleaseChoicesReader';
import { ReleasePlanner } from './release/ReleasePlanner';
import {
  createOverrideKind,
  createRemoveOverrideKind,
} from './override/createOverrideKinds';
import { OverridePlanner } from './override/OverridePlanner';
import { RemoveOverridePlanner } from './override/RemoveOverridePlanner';
import { createResumeKind } from './resume/createResumeKind';
import { ResumePlanner } from './resume/ResumePlanner';
import { ArgoRollbackPlanner } from './rollback/ArgoRollbackPlanner';
import { ImageRollbackPlanner } from './rollback/ImageRollbackPlanner';
import { createRollbackKind } from './rollback/createRollbackKind';
import { readHoldAfterRollback } from './rollback/hold';
import { RollbackPlanner } from './rollback/RollbackPlanner';
import { createTerminateKind } from './terminate/createTerminateKind';
import { TerminatePlanner } from './terminate/TerminatePlanner';
import { createRestartKind } from './workloads/createRestartKind';
import { createScaleKind } from './workloads/createScaleKind';
import { RestartPlanner } from './workloads/RestartPlanner';
import { readScaleBounds } from './workloads/scaleBounds';
import { ScalePlanner } from './workloads/ScalePlanner';

/** Action kinds of this module that make Argo CD sync. */
const SYNCING = [
  'hotfix',
  'sync',
  'rollback',
  'resume',
  'override',
  'remove-override',
  'migrate',
];
/** Those that are about Applications. Windows do not matter for what only stops. */
const ACTIONS = [...SYNCING, 'terminate'];
/** Those that set images, in Git or on the objects. */
const SHIPPING = ['hotfix', 'rollback'];
/** Those that change workloads in clusters, and nothing that Argo CD's windows are about. */
const WORKLOAD_ACTIONS = [
  'restart',
  'scale',
  ...ROLLOUT_ACTIONS,
  'continue-canary',
];
/** Those that make what was not there: nobody else deploys it, and it agrees by how it is made. */
const CREATING = ['application-create'];

/**
 * Brings the action kinds of deploys to runs, and the facts that the interlock needs for them: consent of the target, who else
 * deploys it, and Argo CD's sync windows.
 *
 * @public
 */
export const runsModuleDeploys = createBackendModule({
  pluginId: 'runs',
  moduleId: 'deploys',
  register(env) {
    env.registerInit({
      deps: {
        actions: runsActionsExtensionPoint,
        facts: runsFactsExtensionPoint,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        fleet: fleetServiceRef,
        rootConfig: coreServices.rootConfig,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
      },
      async init(deps) {
        const { actions, facts, fleet, rootConfig, lifecycle } = deps;
        const config = readSwitchyardConfig(rootConfig);
        const git = HttpGitClient.create({
          remotes: ConfiguredGitRemotes.fromConfig(rootConfig),
          directory: rootConfig.getOptionalString(
            'switchyard.deploys.gitCacheDirectory',
          ),
        });
        const ways = {
          forges: ConfiguredForges.fromConfig(rootConfig),
          pullRequests: PullRequestPolicy.fromConfig(rootConfig),
        };
        const registry = HttpRegistryClient.create({
          registries: readRegistries(rootConfig),
        });
        const windows = createSyncWindowCache({ fleet });
        const guests = createGuestCache(deps);
        lifecycle.addShutdownHook(() => {
          windows.stop();
          guests.stop();
          git.dispose();
        });
        facts.addSource(
          createConsentSource({ fleet, config, actions: ACTIONS }),
        );
        facts.addSource(
          createWorkloadConsentSource({
            fleet,
            config,
            actions: WORKLOAD_ACTIONS,
            shipping: SHIPPING,
          }),
        );
        facts.addSource(
          createSharedTargetSource({
            fleet,
            config,
            cache: guests,
            actions: [...ACTIONS, ...WORKLOAD_ACTIONS],
          }),
        );
        facts.addSource(
          createClusterSource({
            fleet,
            config,
            actions: [...ACTIONS, ...WORKLOAD_ACTIONS, ...CREATING],
          }),
        );
        facts.addClusters(() => fleet.clusters().map(({ name }) => name));
        facts.addSource(
          createSyncWindowSource({
            fleet,
            config,
            cache: windows,
            actions: SYNCING,
          }),
        );
        const tools = {
          fleet,
          git,
          identity: readCommitIdentity(rootConfig),
          ...ways,
          patience: DEFAULT_PATIENCE,
        };
        const hotfixes = HotfixPlanner.create({
          fleet,
          git,
          registry,
          config,
          ...ways,
        });
        actions.addActionKind(createHotfixKind({ planner: hotfixes, tools }));
        actions.addActionKind(
          createReleaseKind({
            planner: ReleasePlanner.create({
              hotfixes,
              fleet,
              registry,
              config,
              scheme: readVersionScheme(rootConfig),
            }),
            reader: ReleaseChoicesReader.create({ fleet, registry, config }),
          }),
        );
        actions.addActionKind(
          createSyncKind({
            planner: SyncPlanner.create({ fleet, config }),
            tools,
          }),
        );
        const holds = readHoldAfterRollback(rootConfig);
        actions.addActionKind(
          createRollbackKind({
            planner: RollbackPlanner.create({
              fleet,
              git,
              registry,
              config,
              ...ways,
              holds,
            }),
            argoPlanner: ArgoRollbackPlanner.create({ fleet, config, holds }),
            imagePlanner: ImageRollbackPlanner.create({
              fleet,
              registry,
              config,
              holds,
            }),
            tools,
          }),
        );
        actions.addActionKind(
          createResumeKind({
            planner: ResumePlanner.create({ fleet, config }),
            tools,
          }),
        );
        if (
          rootConfig.getOptionalBoolean('switchyard.deploys.override.enabled')
        )
          actions.addActionKind(
            createOverrideKind({
              planner: OverridePlanner.create({ fleet, git, registry, config }),
              tools,
            }),
          );
        // Also of those that were made while it was allowed.
        actions.addActionKind(
          createRemoveOverrideKind({
            planner: RemoveOverridePlanner.create({ fleet, git, config }),
            tools,
          }),
        );
        actions.addActionKind(
          createMigrateKind({
            planner: MigrationPlanner.create({ fleet, config }),
            tools,
          }),
        );
        actions.addActionKind(
          createTerminateKind({
            planner: TerminatePlanner.create({ fleet, config }),
            tools,
          }),
        );
        actions.addActionKind(
          createRestartKind({
            planner: RestartPlanner.create({ fleet, config }),
            tools,
          }),
        );
        const bounds = readScaleBounds(rootConfig);
        actions.addActionKind(
          createScaleKind({
            planner: ScalePlanner.create({ fleet, config, bounds }),
            tools,
          }),
        );
        for (const kind of createRolloutKinds({
          planner: RolloutPlanner.create({ fleet, config }),
          tools,
        }))
          actions.addActionKind(kind);
        actions.addActionKind(
          createContinueKind({
            planner: ContinuePlanner.create({ fleet, config }),
            tools,
          }),
        );
        actions.addActionKind(
          createApplicationCreateKind({
            planner: ApplicationCreatePlanner.create({
              fleet,
              config,
              rules: readNewApplicationRules(rootConfig),
            }),
            tools,
          }),
        );
      },
    });
  },
});
