import { JsonObject } from '@backstage/types';

/**
 * What people are told of. `waits`: an approval waits for somebody; `parked`: the interlock stopped a run, or what it found did.
 */
export const noticeEvents = [
  'waits',
  'started',
  'parked',
  'succeeded',
  'failed',
  'needs-attention',
  'cancelled',
  'gate',
  'break-glass',
] as const;

export type NoticeEvent = (typeof noticeEvents)[number];

/** One thing to tell at one place. Sent at most as its destination allows. */
export interface Notice {
  id: string;
  /** `portal`, `slack:<channel id>` or `webhook:<name>`. */
  destination: string;
  runId?: string;
  event: NoticeEvent;
  /** Texts that are known already, and whom it is for. */
  payload: NoticePayload;
}

export type NoticePayload = JsonObject & {
  /** One line: what happened. */
  title: string;
  /** More of it: a cause, a reason. */
  text?: string;
  /** Page to look at. */
  url: string;
  /** For the portal: user and group entity refs. */
  recipients?: string[];
  /** For the portal: who need not be told, as it was their doing. */
  except?: string[];
};

/** A notice that this worker is to send. */
export interface ClaimedNotice extends Notice {
  /** 1 for the first. */
  attempt: number;
  createdAt: Date;
}

/** How an attempt to send a notice ended. */
export type NoticeOutcome =
  | { status: 'sent' }
  /** Nobody will be told: asking again would not help. Not worth a warning where it was to be expected. */
  | { status: 'given-up'; error: string; isExpected?: true }
  /** It may have arrived, and cannot be looked for. */
  | { status: 'unknown'; error: string }
  | { status: 'again'; inMs: number; error: string };

/** Tells at one kind of place. Never throws. */
export interface NoticeChannel {
  send(notice: ClaimedNotice, signal: AbortSignal): Promise<NoticeOutcome>;
}
