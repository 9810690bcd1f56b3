import { Config, readDurationFromConfig } from '@backstage/config';
import { durationToMilliseconds } from '@backstage/types';
import { checkTemplate } from './noticeText';
import { NoticeEvent, noticeEvents } from './types';

/** Who is told where. All that match are told. */
export interface NoticeRoute {
  name: string;
  /** Undefined: of whatever team. Refs in lower case. */
  teams?: string[];
  environments?: string[];
  actions?: string[];
  events: NoticeEvent[];
  to: { channel: string } | { webhook: string };
}

/** `switchyard.notices`, with its defaults. */
export interface NoticesConfig {
  /** Whether people are told in the portal. */
  portal: boolean;
  /** What is too small to be told: successes only. */
  quiet: { withinMs: number; environments: string[]; actions: string[] };
  slack?: { token: string; apiUrl: string };
  routes: NoticeRoute[];
  templates: Partial<Record<NoticeEvent, string>>;
}

const DEFAULT_QUIET_MS = 0;
const DEFAULT_EVENTS: readonly NoticeEvent[] = noticeEvents;
/** The small form has no thread: it says how things ended, and what is loud. */
const DEFAULT_WEBHOOK_EVENTS: readonly NoticeEvent[] = [
  'succeeded',
  'failed',
  'needs-attention',
  'break-glass',
];
const CHANNEL_ID = /^[CG][A-Z0-9]{6,}$/;

/**
 * Reads `switchyard.notices`.
 *
 * @throws Error that names the key and what would be right
 */
export function readNotices(config: Config): NoticesConfig {
  const notices = config.getOptionalConfig('switchyard.notices');
  const quiet = notices?.getOptionalConfig('quiet');
  const token = notices?.getOptionalString('slack.token');
  const routes = (notices?.getOptionalConfigArray('routes') ?? []).map(
    (row, index) => readRoute(row, `switchyard.notices.routes[${index}]`),
  );
  const names = routes.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new Error(`switchyard.notices.routes: '${twice}' is there twice`);
  const posts = routes.find(({ to }) => 'channel' in to);
  if (posts && token === undefined)
    throw new Error(
      `switchyard.notices.routes: '${posts.name}' names a channel, which takes switchyard.notices.slack.token`,
    );
  return {
    portal: notices?.getOptionalBoolean('portal') ?? true,
    quiet: {
      withinMs: quiet?.has('within')
        ? durationToMilliseconds(
            readDurationFromConfig(quiet, { key: 'within' }),
          )
        : DEFAULT_QUIET_MS,
      environments: quiet?.getOptionalStringArray('environments') ?? [],
      actions: quiet?.getOptionalStringArray('actions') ?? [],
    },
    slack:
      token === undefined
        ? undefined
        : {
            token,
            apiUrl: (
              notices?.getOptionalString('slack.apiUrl') ??
              'https://slack.com/api'
            ).replace(/\/+$/, ''),
          },
    routes,
    templates: readTemplates(notices),
  };
}

function readRoute(row: Config, key: string): NoticeRoute {
  const channel = row.getOptionalString('channel');
  const webhook = row.getOptionalString('webhook');
  if ((channel === undefined) === (webhook === undefined))
    throw new Error(`${key}: give either a channel or a webhook`);
  if (channel !== undefined && !CHANNEL_ID.test(channel))
    throw new Error(
      `${key}.channel: '${channel}' is no id of a channel such as C024BE91L; Slack shows it in the details of the channel`,
    );
  // The address of a webhook is a secret: it is not repeated.
  if (webhook !== undefined && !/^https?:\/\//.test(webhook))
    throw new Error(`${key}.webhook is no address`);
  const events = row.getOptionalStringArray('events');
  const wrong = events?.find(
    each => !(noticeEvents as readonly string[]).includes(each),
  );
  if (wrong !== undefined)
    throw new Error(
      `${key}.events: '${wrong}' is none of ${noticeEvents.join(', ')}`,
    );
  return {
    name: row.getString('name'),
    teams: row
      .getOptionalStringArray('match.teams')
      ?.map(ref => ref.toLocaleLowerCase('en-US')),
    environments: row.getOptionalStringArray('match.environments'),
    actions: row.getOptionalStringArray('match.actions'),
    events:
      (events as NoticeEvent[] | undefined) ??
      (channel === undefined
        ? [...DEFAULT_WEBHOOK_EVENTS]
        : [...DEFAULT_EVENTS]),
    to: channel === undefined ? { webhook: webhook! } : { channel },
  };
}

function readTemplates(
  notices: Config | undefined,
): Partial<Record<NoticeEvent, string>> {
  const templates = notices?.getOptionalConfig('templates');
  return Object.fromEntries(
    (templates?.keys() ?? []).map(name => {
      const key = `switchyard.notices.templates.${name}`;
      if (!(noticeEvents as readonly string[]).includes(name))
        throw new Error(`${key}: there are only ${noticeEvents.join(', ')}`);
      return [name, checkTemplate(templates!.getString(name), key)];
    }),
  );
}
