import http from 'node:http';
import https from 'node:https';
import {
  AuditorService,
  AuthService,
  DatabaseService,
  DiscoveryService,
  HttpAuthService,
  HttpRouterService,
  LifecycleService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import { FleetService } from '@switchyard/fleet-node';
import { createExecutor } from '@switchyard/fleet-node/exec';
import { DeploymentAuthorizer } from '../service/DeploymentAuthorizer';
import { UncheckedDeployStateService } from '../service/types';
import { TerminalConfig } from './config';
import { DatabaseTicketStore } from './DatabaseTicketStore';
import { Door } from './Door';
import { Sessions } from './Sessions';
import { createTerminalRouter } from './terminalRouter';
import { TerminalService } from './TerminalService';

const KNOCK_TIMEOUT_MS = 5_000;

/** Sets terminals and single commands up, where the config switches them on. Ends open ones when the backend ends. */
export async function startTerminals(options: {
  config: TerminalConfig;
  authorizer: DeploymentAuthorizer;
  pods: Pick<UncheckedDeployStateService, 'findPod'>;
  fleet: FleetService;
  auditor: AuditorService;
  auth: AuthService;
  database: DatabaseService;
  discovery: DiscoveryService;
  httpAuth: HttpAuthService;
  httpRouter: HttpRouterService;
  lifecycle: LifecycleService;
  logger: LoggerService;
}): Promise<void> {
  const { config, auth, discovery, fleet, httpRouter, lifecycle, logger } =
    options;
  const tickets = await DatabaseTicketStore.create(options);
  const terminals = TerminalService.create({ ...options, tickets });
  const executor = createExecutor({ fleet });
  const sessions = Sessions.create({ ...options, executor, terminals });
  const { origins } = config;
  const door = Door.create({ auth, origins, logger, enter: sessions.enter });
  httpRouter.use(door.middleware);
  httpRouter.use(createTerminalRouter({ ...options, terminals }));
  lifecycle.addStartupHook(async () => {
    knock(`${await discovery.getBaseUrl('deploys')}/openapi.json`);
  });
  lifecycle.addShutdownHook(async () => {
    door.close();
    await sessions.stop();
  });
}

/** Sends the first request, so that the door stands before anybody comes; where it goes to another replica, the first page does that. */
function knock(address: string): void {
  const { request } = address.startsWith('https:') ? https : http;
  const knocking = request(address, response => response.resume());
  knocking.setTimeout(KNOCK_TIMEOUT_MS, () => knocking.destroy());
  knocking.on('error', () => {});
  knocking.end();
}
