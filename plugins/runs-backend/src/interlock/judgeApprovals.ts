import {
  ApprovalState,
  Blocker,
} from '@switchyard/backstage-plugin-runs-common';
import { shortName } from '../approvals/shortName';

/** What people have to agree to, as the interlock needs it. */
export interface ApprovalsInput {
  states: Array<
    ApprovalState & {
      /** Why there are not enough people to give it, where they were counted. */
      shortage?: string;
      /** Who had approved and may not any more. */
      lapsed?: string[];
    }
  >;
  /** Whether they must be given by now: at claim and effect. When a run is asked for, it will wait for them. */
  due: boolean;
  /** Policies by which nobody was asked when the run was requested. */
  notAsked: ApprovalState[];
}

/** What is missing, void, or cannot be given at all. */
export function judgeApprovals(input: ApprovalsInput | undefined): Blocker[] {
  if (!input) return [];
  const { states, due, notAsked } = input;
  return [
    ...states.flatMap(state => (due ? judgeDue(state) : judgeShortage(state))),
    ...notAsked.map(state => ({
      type: 'approval' as const,
      what: 'Approval was not asked for',
      why: `${state.title} (${state.name}), and nobody was asked when this was requested. Request it again.`,
      ref: state.name,
    })),
  ];
}

function judgeDue(state: ApprovalsInput['states'][number]): Blocker[] {
  if (state.missing === 0) return [];
  const about = {
    type: 'approval' as const,
    liftedBy: state.from,
    ref: state.name,
  };
  if (state.lapsed && state.lapsed.length > 0)
    return [
      {
        type: 'approval',
        ref: state.name,
        what: 'Approval has lapsed',
        why: `${state.lapsed
          .map(shortName)
          .join(
            ' and ',
          )} approved, and is no longer one of those who may. Request it again.`,
      },
    ];
  if (state.void.length > 0)
    return [
      {
        ...about,
        what: 'Approval is void',
        why: `What ${state.void
          .map(each => shortName(each.by))
          .join(' and ')} approved is another plan than this one.`,
      },
    ];
  return [{ ...about, what: 'Approval is missing', why: `${state.title}.` }];
}

function judgeShortage(state: ApprovalsInput['states'][number]): Blocker[] {
  if (state.missing === 0 || !state.shortage) return [];
  return [
    {
      type: 'approval',
      what: 'Not enough approvers',
      why: `${state.title} (${state.name}). ${state.shortage}`,
      ref: state.name,
    },
  ];
}
