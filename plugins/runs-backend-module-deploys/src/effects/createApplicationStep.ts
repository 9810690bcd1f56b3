import {
  StepContext,
  StepFailedError,
  StepHandler,
  StepResult,
} from '@switchyard/backstage-plugin-runs-node';
import {
  Application,
  ArgoCdError,
  NewApplication,
} from '@switchyard/fleet-node';
import { CreateApplicationStepInput } from '../creation/types';
import { ArgoWriterTools, argoWriterOf } from './argoWriterOf';

/** Annotation of an Application with the run that created it. */
export const CREATED_BY = 'switchyard/created-by-run';

/**
 * Creates an Application that carries the run's identity. Names are unique in Argo CD, so there is one of it however often it is asked for; one of the
 * name that does not carry the run is somebody else's, and left alone.
 */
export function createApplicationStep(tools: ArgoWriterTools): StepHandler {
  async function read(context: StepContext): Promise<Application | undefined> {
    const { instance, manifest } = inputOf(context);
    const { name, namespace } = manifest.metadata;
    try {
      return await tools.fleet
        .argo(instance)
        .getApplication(
          { name, namespace, project: manifest.spec.project },
          { signal: context.signal },
        );
    } catch (error) {
      if (error instanceof ArgoCdError && error.kind === 'not-found')
        return undefined;
      throw error;
    }
  }

  async function create(context: StepContext): Promise<StepResult> {
    const { instance, manifest } = inputOf(context);
    const { name } = manifest.metadata;
    const there = await read(context);
    if (there) {
      if (isOurs(there, context)) return toResult(context);
      throw new StepFailedError(
        `Argo CD ${instance} has another Application ${name} by now; it is left alone`,
      );
    }
    await context.beforeEffect({ application: name });
    context.progress(`Creating ${name} in Argo CD ${instance}`);
    try {
      await argoWriterOf(tools, instance).create(
        withRun(manifest, context.run.id),
        { signal: context.signal },
      );
    } catch (error) {
      if (!(error instanceof ArgoCdError)) throw error;
      if (error.kind === 'forbidden')
        throw new StepFailedError(
          `${error.message}; the portal's account needs the right 'applications, create' for this`,
        );
      if (error.kind !== 'refused' && error.outcome !== 'unknown') throw error;
      context.log(`${error.message}; looking whether it is there`, 'warn');
      const found = await read(context);
      // What was lost on its way may still arrive: the next attempt looks again, and asks for the very same.
      if (!found && error.kind !== 'refused') throw error;
      if (!found || !isOurs(found, context))
        throw new StepFailedError(
          `Argo CD ${instance} did not create ${name}: ${error.message}`,
        );
    }
    return toResult(context);
  }

  function toResult(context: StepContext): StepResult {
    const { instance, cluster, manifest } = inputOf(context);
    const { name, namespace } = manifest.metadata;
    const ref = { instance, namespace, name };
    context.recordChange({
      system: 'argocd',
      what: `Application ${name}`,
      ref: `${instance}/${namespace}/${name}`,
      url: tools.fleet.application(ref)?.url,
      cluster,
      before: 'not there',
      after: 'created',
    });
    context.log(`Created the Application ${name}`);
    return { output: { application: name } };
  }

  return {
    effect: 'adoptable',
    run: create,
    async adopt(context) {
      if (context.step.reference === undefined) return undefined;
      const found = await read(context);
      return found && isOurs(found, context) ? toResult(context) : undefined;
    },
  };
}

function inputOf({ step }: StepContext): CreateApplicationStepInput {
  return step.input as CreateApplicationStepInput;
}

function isOurs({ metadata }: Application, { run }: StepContext): boolean {
  return metadata.annotations?.[CREATED_BY] === run.id;
}

function withRun(
  { metadata, spec }: CreateApplicationStepInput['manifest'],
  runId: string,
): NewApplication {
  return {
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, [CREATED_BY]: runId },
    },
    spec,
  };
}
