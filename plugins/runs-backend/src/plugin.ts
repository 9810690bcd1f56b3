import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { notificationService } from '@backstage/plugin-notifications-node';
import { metricsServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  parseTargetResourceRef,
  runReadPermission,
  runsTargetPermissions,
} from '@switchyard/backstage-plugin-runs-common';
import {
  FactSource,
  runsActionsExtensionPoint,
  runsFactsExtensionPoint,
  runsTargetPermissionResourceRef,
  runsTargetRules,
} from '@switchyard/backstage-plugin-runs-node';
import { ApprovalPolicies } from './approvals/ApprovalPolicies';
import { Approvals } from './approvals/Approvals';
import { PassTerms } from './breakGlass/terms';
import { AuthorizedAuditService } from './audit/AuditService';
import { DatabaseAuditStore } from './audit/AuditStore';
import { createRunUrl, readRunsConfig } from './config';
import { createNoticeTeller } from './notices/createNoticeTeller';
import { DatabaseQueueStore } from './database/DatabaseQueueStore';
import { DatabaseRunStore } from './database/DatabaseRunStore';
import { DatabaseRunVerbStore } from './database/RunVerbStore';
import { DatabaseGateStore } from './database/GateStore';
import { DatabaseLockStore } from './database/LockStore';
import { DatabasePassStore } from './database/PassStore';
import { openDatabase } from './database/openDatabase';
import { readChannelSecret } from './database/readSecret';
import { createEnvironmentsOf } from './environments';
import { EvidenceReader } from './evidence/EvidenceReader';
import { HealthReporter } from './health/HealthReporter';
import { CallerInterlock } from './interlock/CallerInterlock';
import { FindingPolicies } from './interlock/FindingPolicies';
import { findNeighbours } from './interlock/findNeighbours';
import { InterlockReader } from './interlock/InterlockReader';
import { RunInterlock } from './interlock/RunInterlock';
import { ActionKinds } from './kinds/ActionKinds';
import { AuthorizedRecordService } from './record/RecordService';
import { RecordStore } from './record/RecordStore';
import { createRouter } from './router';
import { LockPolicies } from './locks/LockPolicies';
import { AuthorizedLockService } from './service/AuthorizedLockService';
import { AuthorizedRunService } from './service/AuthorizedRunService';
import { DefaultLockService } from './service/DefaultLockService';
import { DefaultRunService } from './service/DefaultRunService';
import { AuthorizedEvidenceService } from './service/EvidenceService';
import { AuthorizedLogService } from './service/LogService';
import { AuthorizedRightsService } from './service/RightsService';
import { LockPlaces } from './service/LockPlaces';
import { RunReader } from './service/RunReader';
import { AuthorizedGateService } from './service/GateService';
import { AuthorizedPassService } from './service/PassService';
import { AuthorizedRunVerbService } from './service/RunVerbService';
import { TargetAuthorizer, toTarget } from './service/TargetAuthorizer';
import { ChangeListener } from './signals/ChangeListener';
import { ChangePublisher } from './signals/ChangePublisher';
import { Channels } from './signals/Channels';
import { startWorker } from './startWorker';

/**
 * The runs backend: the durable queue, locks and the interlock. Modules bring what can be run.
 *
 * @public
 */
export const runsPlugin = createBackendPlugin({
  pluginId: 'runs',
  register(env) {
    const kinds = new ActionKinds();
    const sources = new Map<string, FactSource>();
    const clusterLists: Array<() => readonly string[]> = [];
    env.registerExtensionPoint(runsActionsExtensionPoint, {
      addActionKind: kind => kinds.add(kind),
    });
    env.registerExtensionPoint(runsFactsExtensionPoint, {
      addSource(source) {
        if (sources.has(source.id))
          throw new Error(`Fact source '${source.id}' is taken`);
        sources.set(source.id, source);
      },
      addClusters: list => clusterLists.push(list),
    });
    env.registerInit({
      deps: {
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        database: coreServices.database,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        metrics: metricsServiceRef,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        rootConfig: coreServices.rootConfig,
        signals: signalsServiceRef,
        userInfo: coreServices.userInfo,
      },
      async init(deps) {
        const { auth, catalog, lifecycle, logger, permissionsRegistry } = deps;
        const config = readRunsConfig(deps.rootConfig);
        const database = await openDatabase({
          database: deps.database,
          config,
          logger,
        });

        permissionsRegistry.addPermissions([runReadPermission]);
        permissionsRegistry.addResourceType({
          resourceRef: runsTargetPermissionResourceRef,
          permissions: runsTargetPermissions,
          rules: Object.values(runsTargetRules),
          getResources: async refs => {
            const credentials = await auth.getOwnServiceCredentials();
            const targets = refs.map(ref => parseTargetResourceRef(ref));
            const entityRefs = targets.map(
              target => target?.entityRef ?? 'component:default/none',
            );
            const { items } = await catalog.getEntitiesByRefs(
              { entityRefs },
              { credentials },
            );
            return targets.map((target, index) => {
              const entity = items[index];
              return target && entity ? toTarget(entity, target) : undefined;
            });
          },
        });

        const queue = DatabaseQueueStore.create(database);
        const runs = DatabaseRunStore.create(database);
        const locks = DatabaseLockStore.create(database);
        const channels = new Channels({
          secret: await readChannelSecret(database),
        });
        const reader = InterlockReader.create({
          sources,
          catalog,
          auth,
          accessMembers: config.accessMembers,
          logger,
        });
        const gates = DatabaseGateStore.create(database);
        const policies = new ApprovalPolicies(config.approvals);
        const approvals = Approvals.create({
          policies,
          gates,
          findEntities: refs => reader.readEntities(refs),
        });
        const findings = new FindingPolicies(config.findings);
        const terms = new PassTerms(config.breakGlass);
        const interlock = CallerInterlock.create({
          reader,
          locks,
          approvals,
          findings,
        });
        const environmentsOf = createEnvironmentsOf(kinds, config.environments);
        const places = new LockPlaces({
          configured: config.environments,
          environmentsOf,
          clusters: () =>
            clusterLists[0] && clusterLists.flatMap(list => list()),
        });
        const authorizer = TargetAuthorizer.create({
          permissions: deps.permissions,
          ruleset: permissionsRegistry.getPermissionRuleset(
            runsTargetPermissionResourceRef,
          ),
        });
        const runReader = new RunReader({ runs, interlock });
        const runService = AuthorizedRunService.create({
          delegate: DefaultRunService.create({
            kinds,
            runs,
            queue,
            reader: runReader,
            interlock,
            approvals,
            terms,
            channels,
            environmentsOf,
            logger,
          }),
          authorizer,
          places,
        });
        const verbService = AuthorizedRunVerbService.create({
          store: DatabaseRunVerbStore.create(database),
          reader: runReader,
          runs: runService,
          authorizer,
        });
        const lockService = AuthorizedLockService.create({
          delegate: DefaultLockService.create({
            kinds,
            locks,
            interlock,
            places,
            policies: new LockPolicies(config.lockPolicies),
            channels,
          }),
          locks,
          authorizer,
          places,
        });

        const worker = config.worker
          ? startWorker({
              database,
              config,
              queue,
              runs,
              locks,
              gates,
              kinds,
              interlock: RunInterlock.create({ reader, approvals, findings }),
              approvals,
              reader,
              auditor: deps.auditor,
              notices: createNoticeTeller({
                database,
                config,
                runs,
                findEntities: refs => reader.readEntities(refs),
                notifications: deps.notifications,
                logger,
              }),
              metrics: deps.metrics,
              logger,
            })
          : undefined;
        const publisher = new ChangePublisher({
          signals: deps.signals,
          runs,
          channels,
          neighboursOf: entityRef =>
            findNeighbours(entityRef, { reader, kinds }),
          logger,
        });
        const listener = new ChangeListener({
          ...database,
          logger,
          onChange: change => {
            publisher.note(change);
            worker?.note(change);
          },
        });
        await listener.start();
        lifecycle.addShutdownHook(async () => {
          await worker?.stop();
          await listener.stop();
          await publisher.stop();
          await database.close();
        });

        deps.httpRouter.use(
          await createRouter({
            runs: runService,
            verbs: verbService,
            evidence: AuthorizedEvidenceService.create({
              reader: runReader,
              evidence: EvidenceReader.create({
                kinds,
                runs,
                runUrl: createRunUrl(config),
              }),
              authorizer,
            }),
            logs: AuthorizedLogService.create({
              runs,
              reader: runReader,
              authorizer,
            }),
            gates: AuthorizedGateService.create({
              gates,
              runs,
              reader: runReader,
              authorizer,
              channels,
            }),
            passes: AuthorizedPassService.create({
              passes: DatabasePassStore.create(database),
              runs,
              reader: runReader,
              terms,
              authorizer,
            }),
            locks: lockService,
            record: AuthorizedRecordService.create({
              store: new RecordStore(database),
              authorizer,
              config: config.record,
            }),
            audit: AuthorizedAuditService.create({
              store: DatabaseAuditStore.create(database),
              authorizer,
            }),
            rights: AuthorizedRightsService.create({
              kinds,
              policies,
              environments: config.environments,
              authorizer,
            }),
            health: new HealthReporter({ pool: database.pool, worker }),
            httpAuth: deps.httpAuth,
            userInfo: deps.userInfo,
            catalog,
            auditor: deps.auditor,
            logger,
          }),
        );
        // For probes of a load balancer; it says nothing about what runs.
        deps.httpRouter.addAuthPolicy({
          path: '/v1/health',
          allow: 'unauthenticated',
        });
      },
    });
  },
});
