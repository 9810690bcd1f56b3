import {
  OverrideEntry,
  OverridePlace,
} from '@switchyard/backstage-plugin-deploys-node';
import { PlannedStep } from '@switchyard/backstage-plugin-runs-common';
import { Application } from '@switchyard/fleet-node';
import { ImageRolloutStepInput } from '../images/types';
import { AffectedObject } from '../manifests';
import {
  ApplicationTarget,
  uniqueNames,
} from '../operations/applicationTargets';
import { operationSteps, ROLLED_OUT } from '../operations/operationSteps';
import { SettleInput } from '../sync/types';
import { wholeSync } from '../sync/wholeSync';
import { OverrideStepInput } from './types';

const MINUTE_MS = 60_000;
const CHANGE_TIMEOUT_MS = 5 * MINUTE_MS;
const ROLLOUT_TIMEOUT_MS = 30 * MINUTE_MS;
/** Remote systems are away for minutes: with the engine's backoff about five of them. */
const PATIENT_ATTEMPTS = 10;

/** An Application with what is to be set in it. */
export interface PlannedOverride {
  target: ApplicationTarget;
  full: Application;
  place: OverridePlace;
  entry: OverrideEntry;
  before: OverrideEntry | null;
  /** The version that runs now, where that is one. */
  was: string | null;
  version: string;
  /** The whole image that is to run. */
  image: string;
  /** What runs the image now, and gets the new one. */
  objects: AffectedObject[];
}

/** The steps of an override: it is set, Argo CD deploys it, and its workloads are followed until they run it. */
export function overrideSteps(
  overrides: readonly PlannedOverride[],
  version: string,
): PlannedStep[] {
  const names = uniqueNames(overrides.map(({ target }) => target.id.name));
  return overrides.flatMap((override, index) => {
    const { target, place, before, entry: after, was } = override;
    const name = names[index];
    const { cluster } = target.deployment;
    const input: OverrideStepInput = {
      application: target.id,
      cluster: cluster ?? null,
      place,
      version,
      before,
      after,
      was,
    };
    const deploying = deploySteps(target, name, `override.${name}`);
    return [
      {
        id: `override.${name}`,
        title: `Set ${version} in ${target.id.name}`,
        handler: 'override',
        needs: [],
        effect: 'adoptable' as const,
        input,
        timeoutMs: CHANGE_TIMEOUT_MS,
        maxAttempts: PATIENT_ATTEMPTS,
        ...(cluster !== undefined && { cluster }),
      },
      ...deploying,
      ...rolloutSteps(override, `override.${name}`, deploying),
    ];
  });
}

/**
 * What brings a changed Application to its cluster: a sync, unless Argo CD syncs it by itself; then it is waited until it has looked again.
 *
 * @param after - the step that changes it
 */
export function deploySteps(
  target: ApplicationTarget,
  name: string,
  after: string,
): PlannedStep[] {
  const { application } = target.deployment;
  const steps = operationSteps({
    target,
    name,
    operation: {
      id: `sync.${name}`,
      title: `Sync ${target.id.name}`,
      handler: 'request-sync',
      needs: [after],
      input: wholeSync(target),
    },
  });
  if (!application.autoSync.enabled) return steps;
  const settle = steps.find(({ handler }) => handler === 'settle')!;
  const input: SettleInput = { ...(settle.input as SettleInput), after };
  return [{ ...settle, needs: [after], input }];
}

/** Of those whose pods are replaced; where the cluster is none of the fleet Argo CD's word has to do. */
function rolloutSteps(
  { target, objects, image }: PlannedOverride,
  changed: string,
  deploying: readonly PlannedStep[],
): PlannedStep[] {
  const { cluster, application, namespace } = target.deployment;
  if (cluster === undefined) return [];
  const sync = deploying.find(({ handler }) => handler === 'request-sync');
  const after = sync?.id ?? changed;
  const workloads = new Map<string, AffectedObject[]>();
  for (const object of objects) {
    if (!ROLLED_OUT.has(object.kind)) continue;
    const key = `${object.kind}/${object.name}`;
    workloads.set(key, [...(workloads.get(key) ?? []), object]);
  }
  return [...workloads.values()].map(containers => {
    const [{ kind, name }] = containers;
    const input: ImageRolloutStepInput = {
      workload: {
        cluster,
        kind,
        namespace: namespace ?? application.destination.namespace ?? 'default',
        name,
      },
      after,
      containers: containers.map(({ container, before }) => ({
        name: container,
        before,
        after: image,
      })),
    };
    return {
      id: `rollout.${name}.${cluster}`,
      title: `Roll out ${kind} ${name}`,
      handler: 'image-rollout',
      needs: [after],
      effect: 'none' as const,
      input,
      timeoutMs: ROLLOUT_TIMEOUT_MS,
      maxAttempts: PATIENT_ATTEMPTS,
      // It only waits; whoever has seen the pods may go on without it.
      skippable: true,
      cluster,
    };
  });
}
