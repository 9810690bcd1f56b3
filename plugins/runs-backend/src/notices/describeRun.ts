import { parseEntityRef } from '@backstage/catalog-model';
import { FullRun } from '../database/types';
import { formatDuration, TemplateValues } from './noticeText';
import { NoticeEvent } from './types';

const STATUS_WORDS: Record<string, string> = {
  queued: 'In line',
  waiting: 'Waiting',
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  'needs-attention': 'Needs attention',
  dead: 'Gave up, needs attention',
  cancelled: 'Cancelled',
};

const TITLES: Record<NoticeEvent, string> = {
  waits: 'Approval needed',
  started: 'Started',
  parked: 'Parked',
  succeeded: 'Succeeded',
  failed: 'Failed',
  'needs-attention': 'Needs attention',
  cancelled: 'Cancelled',
  gate: 'Gate',
  'break-glass': 'Break-glass used',
};

/** What a run is, for templates and messages. Texts may hold secrets still. */
export function describeRun(run: FullRun): TemplateValues {
  const version = run.plan.intent.version;
  return {
    number: String(run.number),
    title: run.title,
    component: nameOf(run.entityRef),
    environment: run.environment,
    version: typeof version === 'string' ? version : undefined,
    status: run.parked ? 'Parked' : STATUS_WORDS[run.status],
    requestedBy: nameOf(run.requestedBy),
    reason: run.reason,
    cause: run.parked?.message ?? run.cause,
    duration:
      run.startedAt && run.finishedAt
        ? formatDuration(run.finishedAt.getTime() - run.startedAt.getTime())
        : undefined,
  };
}

/** What happened to a run in one line, and why. */
export function describeEvent(
  run: FullRun,
  event: NoticeEvent,
  text: string | undefined,
  headline: string = TITLES[event],
): { title: string; text?: string; values: TemplateValues } {
  const values = { ...describeRun(run), event };
  const { title, component, environment, duration } = values;
  const took = event === 'succeeded' && duration ? ` in ${duration}` : '';
  return {
    title: `${headline}: ${title} of ${component} in ${environment}${took} (#${run.number})`,
    text,
    values: text === undefined ? values : { ...values, cause: text },
  };
}

/** 'orders' of 'component:default/orders'. */
export function nameOf(ref: string): string {
  try {
    return parseEntityRef(ref).name;
  } catch {
    return ref;
  }
}
