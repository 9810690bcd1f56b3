import { FullRun } from '../database/types';
import { describeRun } from './describeRun';
import { escapeSlack, toPublicText } from './noticeText';
import { SlackPost } from './SlackClient';
import { ClaimedNotice } from './types';

/** How our messages say which run, and which notice, they are. */
export const RUN_METADATA = 'switchyard_run';
export const NOTICE_METADATA = 'switchyard_notice';

const MARKS: Record<string, string> = {
  succeeded: ':white_check_mark:',
  failed: ':x:',
  'needs-attention': ':warning:',
  dead: ':warning:',
  cancelled: ':no_entry_sign:',
  waiting: ':hourglass_flowing_sand:',
  running: ':arrow_forward:',
  queued: ':hourglass_flowing_sand:',
};

/** The message of a run, as the run is now. */
export function toRunMessage(run: FullRun, url: string): SlackPost {
  const about = describeRun(run);
  const safe = (text: string | undefined) =>
    text === undefined ? '' : escapeSlack(toPublicText(text));
  const head = `#${run.number} ${safe(about.title)} of ${safe(
    about.component,
  )} in ${safe(about.environment)}`;
  const state = [
    about.status,
    about.duration && `after ${about.duration}`,
    run.status === 'running' &&
      run.stepsTotal > 0 &&
      `step ${Math.min(run.stepsDone + 1, run.stepsTotal)} of ${
        run.stepsTotal
      }`,
  ]
    .filter(Boolean)
    .join(', ');
  const lines = [
    `${MARKS[run.status] ?? ''} *<${url}|${head}>*`,
    about.cause ? `${state}: ${safe(about.cause)}` : state,
  ];
  return {
    text: `${head}: ${state}`,
    blocks: [
      section(lines.join('\n')),
      {
        type: 'context',
        elements: [
          {
            type: 'mrkdwn',
            text: `Asked for by ${safe(about.requestedBy)}: ${safe(
              about.reason,
            )}`,
          },
        ],
      },
    ],
    metadata: {
      event_type: RUN_METADATA,
      event_payload: { run: run.id, state: run.status },
    },
  };
}

/** What happened, for the thread of a run or for a webhook. */
export function toNoticeMessage(notice: ClaimedNotice): SlackPost {
  const { title, text, url } = notice.payload;
  const head = escapeSlack(title);
  return {
    text: head,
    blocks: [
      section(
        [`<${url}|${head}>`, text && escapeSlack(text)]
          .filter(Boolean)
          .join('\n'),
      ),
    ],
    metadata: {
      event_type: NOTICE_METADATA,
      event_payload: { notice: notice.id },
    },
  };
}

function section(text: string) {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}
