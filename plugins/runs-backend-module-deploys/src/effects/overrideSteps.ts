import { JsonObject } from '@backstage/types';
import {
  OVERRIDE,
  OverrideMark,
  readOverride,
} from '@switchyard/backstage-plugin-deploys-node';
import {
  StepContext,
  StepFailedError,
  StepHandler,
  StepParkedError,
} from '@switchyard/backstage-plugin-runs-node';
import { Application } from '@switchyard/fleet-node';
import {
  describeEntry,
  describePlace,
  entryAt,
  isSameEntry,
  patchOfEntry,
} from '../override/imageOverride';
import {
  OverrideOutput,
  OverrideStepInput,
  RemoveOverrideStepInput,
} from '../override/types';
import { ArgoWriterTools } from './argoWriterOf';
import { createApplicationChangeStep } from './changeApplication';

/** Sets the image in the Application itself, with what was there and the run in an annotation. */
export function createOverrideStep(tools: ArgoWriterTools): StepHandler {
  return createApplicationChangeStep<OverrideStepInput>(
    tools,
    (input, context) => {
      const { application: id, place, after, version, was } = input;
      return {
        what: `${describePlace(place)} of Application ${id.name}`,
        judge(application) {
          const mark = readOverride(application.metadata.annotations);
          const now = entryAt(application, place);
          if (mark?.run !== context.run.id) {
            parkWhereItIsAnother(input, context, now, mark);
            return undefined;
          }
          if (isSameEntry(now, after)) return outputOf(application);
          throw new StepFailedError(
            `Somebody has set ${describePlace(place)} of ${
              id.name
            } to ${describeEntry(now)} since this run set it`,
          );
        },
        patch(application) {
          const earlier = readOverride(application.metadata.annotations);
          const isSamePlace =
            earlier && describePlace(earlier) === describePlace(place);
          const mark: OverrideMark = {
            ...place,
            run: context.run.id,
            number: context.run.number,
            at: new Date().toISOString(),
            version,
            entry: after,
            // What was there before all of them.
            before: isSamePlace ? earlier.before : entryAt(application, place),
            was: isSamePlace ? earlier.was : was,
          };
          return {
            metadata: { annotations: { [OVERRIDE]: JSON.stringify(mark) } },
            spec: patchOfEntry(application, place, after),
          };
        },
        before: application => describeEntry(entryAt(application, place)),
        after: `${describeEntry(after)}, until somebody removes the override`,
      };
    },
  );
}

/** Takes the override of a run away: what Git says counts again. */
export function createRemoveOverrideStep(tools: ArgoWriterTools): StepHandler {
  return createApplicationChangeStep<RemoveOverrideStepInput>(
    tools,
    ({ application: { name }, run }) => ({
      what: `override of Application ${name}`,
      judge(application) {
        const mark = readOverride(application.metadata.annotations);
        if (!mark) return outputOf(application);
        if (mark.run !== run)
          throw new StepParkedError(
            `${name} was overridden again since the plan was made, by run #${mark.number}`,
          );
        const now = entryAt(application, mark);
        if (!isSameEntry(now, mark.entry) && !isSameEntry(now, mark.before))
          throw new StepParkedError(
            `Somebody has set ${describePlace(
              mark,
            )} of ${name} to ${describeEntry(now)} since run #${
              mark.number
            } did`,
          );
        return undefined;
      },
      patch: application => removalOf(application),
      before: application =>
        describeEntry(
          readOverride(application.metadata.annotations)?.entry ?? null,
        ),
      after: 'what Git says',
    }),
  );
}

function removalOf(application: Application): JsonObject {
  const mark = readOverride(application.metadata.annotations)!;
  return {
    metadata: { annotations: { [OVERRIDE]: null } },
    spec: patchOfEntry(application, mark, mark.before),
  };
}

/** @throws StepParkedError unless a person has said that just this is fine, or another run has set it */
function parkWhereItIsAnother(
  { application: { name }, place, before, after }: OverrideStepInput,
  context: StepContext,
  now: OverrideStepInput['before'],
  mark: OverrideMark | undefined,
): void {
  if (isSameEntry(now, before) || isSameEntry(now, after)) return;
  if (mark && isSameEntry(now, mark.entry)) return;
  const found = `${describePlace(
    place,
  )} of ${name} was to go from ${describeEntry(before)} to ${describeEntry(
    after,
  )}, and is ${describeEntry(now)} by now`;
  // A person's word is about what the run had parked with, and about nothing that came later.
  if (context.confirmed?.found !== found) throw new StepParkedError(found);
}

/** Argo CD writes when it has looked in whole seconds, and looks once more after each change of an Application. */
function outputOf({ status }: Application): OverrideOutput {
  const { reconciledAt } = status ?? {};
  return {
    finishedAt:
      reconciledAt === undefined
        ? null
        : new Date(Date.parse(reconciledAt) + 1_000).toISOString(),
  };
}
