import {
  breakGlassPermission,
  PassVerb,
  RunPass,
} from '@switchyard/backstage-plugin-runs-common';
import { shortName } from '../approvals/shortName';
import { PassedLock, PassRecord } from '../breakGlass/types';
import { RunRecord } from '../database/types';
import { Grant, TargetPermission } from './TargetAuthorizer';

/** Entities besides its own that the emergency passes of a run tell of. */
export function mentionedByPasses(run: RunRecord): string[] {
  const refs = run.passes.flatMap(({ passes }) =>
    passes.flatMap(({ entityRef }) => entityRef ?? []),
  );
  return [...new Set(refs)].filter(ref => ref !== run.entityRef);
}

/** A pass as screens show it, with what this person may do about it as far as who asked goes. */
export function toRunPass(
  pass: PassRecord,
  run: RunRecord,
  view: { person: string; visible: ReadonlySet<string> },
): RunPass {
  const { id, status, askedBy, reason, incident, lifts, needsSecond } = pass;
  return {
    id,
    status,
    askedBy,
    askedAt: pass.askedAt.toISOString(),
    reason,
    incident,
    passes: pass.passes.map(each =>
      isHidden(each, run, view.visible)
        ? { ...each.blocker, why: 'A lock elsewhere.', liftedBy: undefined }
        : each.blocker,
    ),
    lifts,
    needsSecond,
    confirmUntil:
      status === 'asked' ? pass.confirmUntil.toISOString() : undefined,
    answer: pass.answeredBy
      ? {
          by: pass.answeredBy,
          at: pass.answeredAt!.toISOString(),
          comment: pass.comment,
        }
      : undefined,
    validUntil: pass.validUntil?.toISOString(),
    withdrawn: pass.withdrawnBy
      ? { by: pass.withdrawnBy, at: pass.withdrawnAt!.toISOString() }
      : undefined,
    usedAt: pass.usedAt?.toISOString(),
    verbs: toVerbs(pass, run, view.person),
  };
}

/** Adds what the permission to break the glass says. Whoever asked may always withdraw. */
export function overlayPass(
  pass: RunPass,
  person: string,
  grantOf: (permission: TargetPermission) => Grant,
): RunPass {
  const grant = grantOf(breakGlassPermission);
  return {
    ...pass,
    verbs: pass.verbs.flatMap(verb => {
      if (verb.verb === 'withdraw' && pass.askedBy === person) return [verb];
      if (!grant.visible) return [];
      return grant.allowed
        ? [verb]
        : [{ ...verb, allowed: false, why: grant.why }];
    }),
  };
}

/** Why this person cannot be the second one; undefined when nothing but the permission stands in the way. */
export function whyNotSecond(
  pass: Pick<PassRecord, 'askedBy'>,
  run: Pick<RunRecord, 'requestedBy'>,
  person: string,
): string | undefined {
  if (pass.askedBy === person)
    return 'You asked for it: somebody else has to confirm it.';
  return run.requestedBy === person
    ? `You asked for the run: somebody else than you and ${shortName(
        pass.askedBy,
      )} has to confirm it.`
    : undefined;
}

function toVerbs(pass: PassRecord, run: RunRecord, person: string): PassVerb[] {
  const withdraw: PassVerb = { verb: 'withdraw', allowed: true };
  if (pass.status === 'given') return [withdraw];
  if (pass.status !== 'asked') return [];
  const why = whyNotSecond(pass, run, person);
  const word = why === undefined ? { allowed: true } : { allowed: false, why };
  return [{ verb: 'confirm', ...word }, { verb: 'refuse', ...word }, withdraw];
}

function isHidden(
  { entityRef }: PassedLock,
  run: RunRecord,
  visible: ReadonlySet<string>,
): boolean {
  return (
    entityRef !== undefined &&
    entityRef !== run.entityRef &&
    !visible.has(entityRef)
  );
}
