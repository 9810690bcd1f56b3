import { FullRun } from '../database/types';
import { nameOf } from './describeRun';
import type { Happening } from './NoticePlanner';

/** What the outbox says of an emergency pass; a trigger writes it. */
export interface PassTold {
  what: 'ask' | 'give' | 'refuse' | 'withdraw' | 'use';
  by: string;
  reason?: string | null;
  pass: string;
}

const HEADLINES: Record<PassTold['what'], string> = {
  ask: 'Break-glass asked for',
  give: 'Break-glass given',
  refuse: 'Break-glass refused',
  withdraw: 'Break-glass withdrawn',
  use: 'Break-glass used',
};

/** What people are told of an emergency pass: what it passes, who, and why. Whoever hears of the run may not see every component whose lock it passes. */
export function toPassHappening(told: PassTold, run: FullRun): Happening {
  const { what, by, reason } = told;
  const pass = run.passes.find(({ id }) => id === told.pass);
  const passed = (pass?.passes ?? []).map(({ entityRef, blocker }) =>
    entityRef === undefined || entityRef === run.entityRef
      ? blocker.why
      : 'A lock elsewhere.',
  );
  const words = [
    `${describe(told, pass)}.`,
    ...new Set(passed),
    reason && `Reason: ${reason}`,
  ];
  return {
    event: 'break-glass',
    headline: HEADLINES[what],
    text: words.filter(Boolean).join(' '),
    recipients: [run.requestedBy, ...(pass ? [pass.askedBy] : []), by],
  };
}

function describe(
  { what, by }: PassTold,
  pass: FullRun['passes'][number] | undefined,
): string {
  const who = nameOf(by);
  const second = pass?.answeredBy
    ? `, confirmed by ${nameOf(pass.answeredBy)}`
    : '';
  switch (what) {
    case 'ask':
      return `${who} wants to pass what is in the way, and somebody else has to confirm it`;
    case 'give':
      return pass && pass.askedBy !== by
        ? `${who} lets ${nameOf(pass.askedBy)} pass what is in the way`
        : `${who} may pass what is in the way`;
    case 'use':
      return `${who} has passed what was in the way${second}`;
    case 'refuse':
      return `${who} refused it`;
    default:
      return `${who} withdrew it`;
  }
}
