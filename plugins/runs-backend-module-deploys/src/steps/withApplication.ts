import { StepContext } from '@switchyard/backstage-plugin-runs-node';
import { ApplicationRef, OpenApplication } from '@switchyard/fleet-node';
import { StepTools } from './types';

/** Opens the full stream of an Application for as long as `act` takes: a step that sends something must hear of it from the first moment on. */
export async function withApplication<T>(
  { fleet }: Pick<StepTools, 'fleet'>,
  context: StepContext,
  { instance, namespace, name }: ApplicationRef,
  act: (application: OpenApplication) => Promise<T>,
): Promise<T> {
  context.progress(`Asking Argo CD ${instance} for ${name}`);
  const application = await fleet.openApplication(
    { instance, namespace, name },
    { signal: context.signal },
  );
  try {
    return await act(application);
  } finally {
    application.close();
  }
}
