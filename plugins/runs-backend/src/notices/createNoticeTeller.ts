import { LoggerService } from '@backstage/backend-plugin-api';
import { Entity } from '@backstage/catalog-model';
import { NotificationService } from '@backstage/plugin-notifications-node';
import { createRunUrl, RunsConfig } from '../config';
import { RunsDatabase } from '../database/openDatabase';
import { DatabaseOutboxStore } from '../database/OutboxStore';
import { RunStore } from '../database/RunStore';
import { NoticePlanner } from './NoticePlanner';
import { NoticeStore } from './NoticeStore';
import { NoticeTeller } from './NoticeTeller';
import { PortalChannel } from './PortalChannel';
import { SlackBotChannel } from './SlackBotChannel';
import { SlackClient } from './SlackClient';
import { SlackWebhookChannel } from './SlackWebhookChannel';
import { NoticeChannel } from './types';

/** Puts together what tells people of runs, as `switchyard.notices` says. */
export function createNoticeTeller(options: {
  database: RunsDatabase;
  config: Pick<RunsConfig, 'notices' | 'appBaseUrl' | 'breakGlass'>;
  runs: Pick<RunStore, 'findRun'>;
  /** With the plugin's own credentials. */
  findEntities(refs: string[]): Promise<Array<Entity | undefined>>;
  notifications: NotificationService;
  logger: LoggerService;
}): NoticeTeller {
  const { database, config, runs, findEntities, notifications, logger } =
    options;
  const { notices } = config;
  const store = new NoticeStore(database);
  const runUrl = createRunUrl(config);
  const urls = new Map(
    notices.routes.flatMap(({ name, to }) =>
      'webhook' in to ? [[name, to.webhook] as const] : [],
    ),
  );
  const channels = new Map<string, NoticeChannel>([
    ['portal', new PortalChannel({ notifications, logger })],
    ['webhook', new SlackWebhookChannel({ urls, store })],
  ]);
  if (notices.slack)
    channels.set(
      'slack',
      new SlackBotChannel({
        client: new SlackClient(notices.slack),
        store,
        runs,
        runUrl,
      }),
    );
  return new NoticeTeller({
    outbox: DatabaseOutboxStore.create(database),
    planner: new NoticePlanner({
      runs,
      findEntities,
      config: notices,
      toldOfBreakGlass: config.breakGlass.confirmers,
      runUrl,
    }),
    store,
    channels,
    logger,
  });
}
