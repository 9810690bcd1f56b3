import { PassRecord } from '../breakGlass/types';
import { isEntityKey } from '../locks/lockKeys';
import { Asked, GateRecord, LockRecord, RunRecord, StepRecord } from './types';

/** JSON of the database has null where ours has nothing. */
function withoutNulls<T extends object>(value: T): T {
  return Object.fromEntries(
    Object.entries(value).filter(([, each]) => each !== null),
  ) as T;
}

function toDate(value: string | Date | null | undefined): Date | undefined {
  return value === null || value === undefined ? undefined : new Date(value);
}

/** Reads the JSON that statements build of steps. */
export function toStepRecords(steps: any[] | null): StepRecord[] {
  return (steps ?? []).map(step => ({
    ...withoutNulls(step),
    changes: step.changes ?? [],
    startedAt: toDate(step.startedAt),
    finishedAt: toDate(step.finishedAt),
    retryAt: toDate(step.retryAt),
    expectedBy: toDate(step.expectedBy),
  }));
}

/** Reads the JSON that statements build of a lock. */
export function toLockRecord(lock: any): LockRecord {
  return {
    ...withoutNulls(lock),
    entityRef: isEntityKey(lock.key) ? lock.key : undefined,
    createdAt: new Date(lock.createdAt),
    startsAt: toDate(lock.startsAt),
    expiresAt: toDate(lock.expiresAt),
    readAt: new Date(lock.readAt),
  };
}

/** Reads what people want of a run. */
export function toAsked(row: any): Asked {
  return {
    cancelRequestedBy: row.cancel_requested_by ?? undefined,
    pauseRequestedBy: row.pause_requested_by ?? undefined,
    revision: row.revision,
  };
}

/** Reads the JSON that statements build of gates. */
export function toGateRecords(gates: any[] | null): GateRecord[] {
  return (gates ?? []).map(gate => ({
    ...withoutNulls(gate),
    createdAt: new Date(gate.createdAt),
    expiresAt: toDate(gate.expiresAt),
    decidedAt: toDate(gate.decidedAt),
    decisions: gate.decisions.map(withoutNulls),
    delegations: gate.delegations.map(withoutNulls),
  }));
}

/** Reads the JSON that statements build of emergency passes. */
export function toPassRecords(passes: any[] | null): PassRecord[] {
  return (passes ?? []).map(pass => ({
    ...withoutNulls(pass),
    askedAt: new Date(pass.askedAt),
    confirmUntil: new Date(pass.confirmUntil),
    answeredAt: toDate(pass.answeredAt),
    validUntil: toDate(pass.validUntil),
    withdrawnAt: toDate(pass.withdrawnAt),
    usedAt: toDate(pass.usedAt),
  }));
}

function toCurrentStep({ expectedBy, ...step }: any): RunRecord['currentStep'] {
  return { ...withoutNulls(step), expectedBy: toDate(expectedBy) };
}

/** Reads a row of the summary statement. */
export function toRunRecord(row: any): RunRecord {
  return {
    id: row.id,
    number: Number(row.number),
    kind: row.kind,
    planVersion: row.plan_version,
    title: row.title,
    entityRef: row.entity_ref,
    environment: row.environment,
    status: row.status,
    parked: row.parked ?? undefined,
    gates: row.gates ? toGateRecords(row.gates) : undefined,
    waitsForChildren:
      row.status === 'waiting' && row.waits_for_children === true,
    parent: row.parent ?? undefined,
    behind: row.behind ?? undefined,
    requestedBy: row.requested_by,
    reason: row.reason,
    requestedAt: row.requested_at,
    queuedAt: row.queued_at,
    startedAt: row.started_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    currentStep: row.current_step ? toCurrentStep(row.current_step) : undefined,
    stepsDone: Number(row.steps_done),
    stepsTotal: Number(row.steps_total),
    cause: row.cause ?? undefined,
    discarded: row.discarded ?? undefined,
    hasEffects: row.has_effects === true,
    passes: toPassRecords(row.passes),
    ...toAsked(row),
  };
}
