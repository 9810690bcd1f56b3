import { ReleaseChoices } from '@switchyard/backstage-plugin-deploys-common';
import { PreviewRequest } from '@switchyard/backstage-plugin-runs-common';

/** What is chosen so far. */
export interface ReleaseChoice {
  /** Full refs of components. */
  services: string[];
  /** Whether the version is given, or follows from a title. */
  by: 'version' | 'title';
  version: string;
  title: string;
  onFailure: 'stop' | 'go-on';
}

/** What was chosen before, else all services that can be shipped, and no version. */
export function readChoice(
  input: PreviewRequest['input'] | undefined,
  { services }: ReleaseChoices,
): ReleaseChoice {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    services: Array.isArray(input?.services)
      ? (input.services as string[])
      : services.filter(({ why }) => !why).map(({ entityRef }) => entityRef),
    by: typeof input?.title === 'string' ? 'title' : 'version',
    version: text(input?.version),
    title: text(input?.title),
    onFailure: input?.onFailure === 'go-on' ? 'go-on' : 'stop',
  };
}

/** Undefined while the choice is not complete. */
export function toInput(
  choice: ReleaseChoice,
): PreviewRequest['input'] | undefined {
  const { services, by, onFailure } = choice;
  const version = choice.version.trim();
  const title = choice.title.trim();
  if (services.length === 0) return undefined;
  if (by === 'version' ? version === '' : title === '') return undefined;
  return {
    services,
    onFailure,
    ...(by === 'version' ? { version } : { title }),
  };
}
