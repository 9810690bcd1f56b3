import { Entity } from '@backstage/catalog-model';
import { getOwnerRefs } from '@switchyard/backstage-plugin-runs-node';
import { createHash } from 'node:crypto';
import { RunStore } from '../database/RunStore';
import { FullRun, OutboxRecord } from '../database/types';
import { describeEvent, nameOf } from './describeRun';
import { fillTemplate, toPublicText } from './noticeText';
import { PassTold, toPassHappening } from './passHappening';
import { NoticeRoute, NoticesConfig } from './readNotices';
import { Notice, NoticeEvent, NoticePayload } from './types';

/** What a person need not hear of where a run is small. */
const HUSHED: readonly NoticeEvent[] = [
  'started',
  'succeeded',
  'cancelled',
  'gate',
];

/** What happened to a run, and whom it is about. */
export interface Happening {
  event: NoticeEvent;
  /** What the notice begins with, where the event has more than one. */
  headline?: string;
  /** More than the run says by itself: a comment, a cause. */
  text?: string;
  /** To be told in the portal. */
  recipients: string[];
  except?: string[];
}

/** Says who is to be told where of what the outbox holds. */
export class NoticePlanner {
  readonly #options: {
    runs: Pick<RunStore, 'findRun'>;
    /** With the plugin's own credentials. */
    findEntities(refs: string[]): Promise<Array<Entity | undefined>>;
    config: NoticesConfig;
    /** Users and groups that hear of every emergency pass. */
    toldOfBreakGlass: string[];
    runUrl(runId: string): string;
  };

  constructor(options: {
    runs: Pick<RunStore, 'findRun'>;
    findEntities(refs: string[]): Promise<Array<Entity | undefined>>;
    config: NoticesConfig;
    toldOfBreakGlass: string[];
    runUrl(runId: string): string;
  }) {
    this.#options = options;
  }

  /** The same record gives the same notices, with the same ids. */
  async plan(record: OutboxRecord): Promise<Notice[]> {
    const payload = record.payload as Record<string, any>;
    const { portal, routes: all } = this.#options.config;
    // Most runs begin where nobody wants to hear of it: no look at the database for that.
    if (all.length === 0 && (!portal || payload.status === 'running'))
      return [];
    const run = await this.#options.runs.findRun(payload.run);
    // It may have been cleaned up meanwhile.
    if (!run) return [];
    const happening = toHappening(record.topic, payload, run);
    if (!happening) return [];
    const routes = await this.#findRoutes(run, happening);
    return this.#spread(record.id, run, happening, routes);
  }

  async #findRoutes(
    run: FullRun,
    happening: Happening,
  ): Promise<NoticeRoute[]> {
    const { config, findEntities } = this.#options;
    const placed = config.routes.filter(
      ({ environments, actions }) =>
        (environments?.includes(run.environment) ?? true) &&
        (actions?.includes(run.kind) ?? true),
    );
    const isLoud = happening.event === 'break-glass';
    if (!isLoud && placed.every(({ teams }) => teams === undefined))
      return placed;
    const [entity] = await findEntities([run.entityRef]);
    const owners = entity ? getOwnerRefs(entity) : [];
    if (isLoud)
      happening.recipients.push(...owners, ...this.#options.toldOfBreakGlass);
    return placed.filter(
      ({ teams }) => teams?.some(team => owners.includes(team)) ?? true,
    );
  }

  #spread(
    recordId: string,
    run: FullRun,
    happening: Happening,
    routes: NoticeRoute[],
  ): Notice[] {
    const { config, runUrl } = this.#options;
    const { event, recipients, except } = happening;
    const isQuiet = this.#isQuiet(run, event);
    const url = runUrl(run.id);
    const known = describeEvent(run, event, happening.text, happening.headline);
    const template = config.templates[event];
    const title = template
      ? fillTemplate(template, { ...known.values, url })
      : known.title;
    const payload: NoticePayload = { title: toPublicText(title), url };
    if (known.text) payload.text = toPublicText(known.text);
    const notices = new Map<string, Notice>();
    const add = (destination: string, more: Partial<NoticePayload> = {}) => {
      const before = notices.get(destination);
      // Of two routes that lead to one place the louder one counts.
      if (before && before.payload.quiet !== true) return;
      notices.set(destination, {
        id: toId(recordId, destination),
        destination,
        runId: run.id,
        event,
        payload: { ...payload, ...more } as NoticePayload,
      });
    };
    const toTell = [...new Set(recipients)].filter(
      ref => !except?.includes(ref),
    );
    if (config.portal && toTell.length > 0 && !isQuiet)
      add('portal', { recipients: toTell, ...(except && { except }) });
    for (const { name, to, events } of routes) {
      const isWanted = events.includes(event) && !isQuiet;
      // The message of a run follows its state, also where that is no reason to post one.
      if ('channel' in to)
        add(`slack:${to.channel}`, isWanted ? {} : { quiet: true });
      else if (isWanted) add(`webhook:${name}`);
    }
    return [...notices.values()];
  }

  #isQuiet(run: FullRun, event: NoticeEvent): boolean {
    const { quiet } = this.#options.config;
    if (!HUSHED.includes(event)) return false;
    if (
      quiet.environments.includes(run.environment) ||
      quiet.actions.includes(run.kind)
    )
      return true;
    if (event !== 'succeeded' || !run.startedAt || !run.finishedAt)
      return false;
    return run.finishedAt.getTime() - run.startedAt.getTime() < quiet.withinMs;
  }
}

function toHappening(
  topic: string,
  payload: Record<string, any>,
  run: FullRun,
): Happening | undefined {
  if (topic === 'notify-gate') return toGateHappening(payload, run);
  if (topic === 'notify-break-glass')
    return toPassHappening(payload as PassTold, run);
  const text = payload.cause ?? undefined;
  const concerned = [run.requestedBy, run.actor];
  switch (payload.status) {
    case 'running':
      return payload.first ? { event: 'started', recipients: [] } : undefined;
    case 'waiting':
      if (payload.pausedBy) return undefined;
      if (payload.cause)
        return { event: 'parked', text, recipients: concerned };
      return waitsBetweenSteps(run);
    case 'succeeded':
    case 'failed':
      return { event: payload.status, text, recipients: concerned };
    case 'dead':
    case 'needs-attention':
      return { event: 'needs-attention', text, recipients: concerned };
    case 'cancelled': {
      const by = run.discarded?.by ?? run.cancelRequestedBy;
      return {
        event: 'cancelled',
        text: run.discarded?.reason ?? text,
        recipients: concerned,
        except: by ? [by] : undefined,
      };
    }
    default:
      return undefined;
  }
}

/** A run has come to gates that its plan has between the steps. */
function waitsBetweenSteps(run: FullRun): Happening | undefined {
  const closed = (run.gates ?? []).filter(
    gate => gate.status === 'closed' && gate.beforeStep !== undefined,
  );
  if (closed.length === 0) return undefined;
  const approvers = closed.flatMap(({ rule }) =>
    rule ? [...rule.from, ...rule.required] : [],
  );
  return {
    event: 'waits',
    text: closed.map(({ title }) => title).join(', '),
    // A pause is for whoever steers the run.
    recipients: approvers.length > 0 ? approvers : [run.requestedBy],
  };
}

function toGateHappening(
  payload: Record<string, any>,
  run: FullRun,
): Happening | undefined {
  const gate = (run.gates ?? []).find(({ id }) => id === payload.gate);
  const title = payload.title ?? gate?.title;
  const recipients: string[] = payload.recipients ?? [];
  const who = payload.by ? nameOf(payload.by) : 'Nobody';
  switch (payload.what) {
    case 'waits':
      return {
        event: 'waits',
        text: title,
        recipients,
        // Who asked cannot agree, unless the rule says so.
        except: gate?.rule?.selfApproval ? undefined : [run.requestedBy],
      };
    case 'delegated':
      return {
        event: 'waits',
        text: `${who} has handed it on to you: ${title}`,
        recipients,
      };
    case 'opened':
      return { event: 'gate', text: `${who} agreed: ${title}`, recipients: [] };
    case 'rejected':
      return {
        event: 'gate',
        text: `${who} rejected: ${title}`,
        recipients: [],
      };
    case 'expired':
      return { event: 'gate', text: `Expired: ${title}`, recipients: [] };
    default:
      return undefined;
  }
}

/** The same for the same record and place, so that planning twice tells once. */
function toId(recordId: string, destination: string): string {
  const hex = createHash('sha256')
    .update(`${recordId} ${destination}`)
    .digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
