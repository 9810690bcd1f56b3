import { JsonObject } from '@backstage/types';
import {
  StepContext,
  StepHandler,
  StepParkedError,
} from '@switchyard/backstage-plugin-runs-node';
import { imagesOf, patchOfImages } from '../images/podTemplate';
import { readShipped, shippedAnnotation } from '../images/shippedImage';
import { SetImageStepInput } from '../images/types';
import { WorkloadChange, WorkloadTools } from './changeWorkload';
import { createWorkloadStep } from './workloadStep';

/**
 * Gives containers of a workload another image. Where one runs something else than the plan has shown, and no run has set that, the run parks.
 */
export function createSetImageStep(tools: WorkloadTools): StepHandler {
  return createWorkloadStep(tools, context => {
    const input = context.step.input as SetImageStepInput;
    const { workload, containers } = input;
    return {
      workload,
      change: changeOf(context, input),
      recorded: {
        what: `image of ${workload.kind} ${workload.name}`,
        before: distinct(containers.map(({ before }) => before)),
        after: distinct(containers.map(({ after }) => after)),
      },
    };
  });
}

function changeOf(
  context: StepContext,
  { workload, containers }: SetImageStepInput,
): WorkloadChange {
  const { kind } = workload;
  const wanted = new Map(containers.map(({ name, after }) => [name, after]));
  return {
    verb: 'set the image of',
    isMade: object => readShipped(object)?.run === context.run.id,
    isSo: object => {
      const now = imagesOf(kind, object);
      return containers.every(({ name, after }) => now.get(name) === after);
    },
    patch: object => {
      const now = imagesOf(kind, object);
      parkWhereItIsAnother(context, object, now);
      return {
        metadata: {
          annotations: shippedAnnotation({
            run: context.run.id,
            at: new Date().toISOString(),
            before: Object.fromEntries(
              containers.map(({ name }) => [name, now.get(name)!]),
            ),
            after: Object.fromEntries(wanted),
          }),
        },
        ...patchOfImages(kind, object, wanted),
      };
    },
  };
}

/** @throws StepParkedError unless a person has said that just this is fine; where a container is gone, no word helps */
function parkWhereItIsAnother(
  context: StepContext,
  object: JsonObject,
  now: ReadonlyMap<string, string>,
): void {
  const { workload, containers } = context.step.input as SetImageStepInput;
  const called = `${workload.kind} ${workload.name} in ${workload.cluster}`;
  const shipped = readShipped(object)?.after ?? {};
  const found: string[] = [];
  for (const { name, before, after } of containers) {
    const image = now.get(name);
    if (image === undefined)
      throw new StepParkedError(`${called} has no container ${name} any more`);
    if (image === before || image === after) continue;
    const text = `${called} was to go from ${before} to ${after}, and has ${image} by now`;
    // Another run was ahead in the queue.
    if (shipped[name] === image) context.log(`${text}, which a run has set`);
    else found.push(text);
  }
  const message = found.join('; ');
  // A person's word is about what the run had parked with, and about nothing that came later.
  if (message !== '' && context.confirmed?.found !== message)
    throw new StepParkedError(message);
}

function distinct(images: readonly string[]): string {
  return [...new Set(images)].join(', ');
}
