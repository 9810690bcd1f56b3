import { JsonObject } from '@backstage/types';
import {
  StepContext,
  StepFailedError,
  StepHandler,
  StepResult,
} from '@switchyard/backstage-plugin-runs-node';
import {
  Application,
  ArgoCdError,
  OpenApplication,
} from '@switchyard/fleet-node';
import { ApplicationId } from '../operations/applicationTargets';
import { withApplication } from '../steps/withApplication';
import { ArgoWriterTools, argoWriterOf } from './argoWriterOf';

/** What was carried out shows in the stream at once. */
const SEEN_MS = 20_000;

/** A change of an Application itself, and how it is known to be there. */
export interface ApplicationChange {
  /** The output, once the Application is as it shall be. @throws StepFailedError, StepParkedError where it cannot become so any more */
  judge(application: Application): JsonObject | undefined;
  /** A merge patch. */
  patch(application: Application): JsonObject;
  /** For the record: 'auto-sync of Application orders-blue'. */
  what: string;
  before(application: Application): string;
  after: string;
}

/**
 * Changes an Application by one merge patch. An earlier attempt is found by what the patch leaves in the Application.
 */
export function createApplicationChangeStep<
  TInput extends { application: ApplicationId; cluster: string | null },
>(
  tools: ArgoWriterTools,
  changeOf: (input: TInput, context: StepContext) => ApplicationChange,
): StepHandler {
  const open = <T>(
    context: StepContext,
    act: (application: OpenApplication) => Promise<T>,
  ) =>
    withApplication(
      tools,
      context,
      (context.step.input as TInput).application,
      act,
    );

  async function bringAbout(
    context: StepContext,
    application: OpenApplication,
  ): Promise<StepResult> {
    const input = context.step.input as TInput;
    const { application: id, cluster } = input;
    const change = changeOf(input, context);
    const there = change.judge(application.current());
    if (there) return { output: there };
    await context.beforeEffect({ change: change.what });
    // The check takes its time, in which somebody else may have changed it.
    const before = application.current();
    const meanwhile = change.judge(before);
    if (meanwhile) return { output: meanwhile };
    context.progress(`Changing ${change.what}`);
    try {
      await argoWriterOf(tools, id.instance).patch(id, change.patch(before), {
        signal: context.signal,
      });
    } catch (error) {
      if (!(error instanceof ArgoCdError)) throw error;
      if (error.kind === 'forbidden')
        throw new StepFailedError(
          `${error.message}; the portal's account needs the right 'applications, update' for this`,
        );
      if (error.outcome !== 'unknown') throw error;
      context.log(`${error.message}; looking whether it is changed`, 'warn');
    }
    const output = await untilSeen(context, application, change);
    context.recordChange({
      system: 'argocd',
      what: change.what,
      ref: `${id.instance}/${id.namespace}/${id.name}`,
      url: tools.fleet.application(id)?.url,
      cluster: cluster ?? undefined,
      before: change.before(before),
      after: change.after,
    });
    context.log(`Changed ${change.what}: ${change.after}`);
    return { output };
  }

  return {
    effect: 'adoptable',
    run: context =>
      open(context, application => bringAbout(context, application)),
    async adopt(context) {
      if (context.step.reference === undefined) return undefined;
      return open(context, async application => {
        const change = changeOf(context.step.input as TInput, context);
        const output = change.judge(application.current());
        return output && { output };
      });
    },
  };
}

async function untilSeen(
  { signal }: StepContext,
  application: OpenApplication,
  change: ApplicationChange,
): Promise<JsonObject> {
  const timeout = AbortSignal.timeout(SEEN_MS);
  try {
    return await application.until(current => change.judge(current), {
      signal: AbortSignal.any([signal, timeout]),
    });
  } catch (error) {
    if (signal.aborted || !timeout.aborted) throw error;
    // The next attempt looks again.
    throw new Error(`Argo CD does not show the change of ${change.what}`, {
      cause: error,
    });
  }
}
