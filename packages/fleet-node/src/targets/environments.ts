import { EnvironmentMatcher, SwitchyardConfig } from '../config';
import { matchesAny } from './glob';

/**
 * Environment of what no matcher of `switchyard.environments` knows. The strictest rules hold there.
 *
 * @public
 */
export const UNASSIGNED_ENVIRONMENT = 'unassigned';

/** @public */
export interface EnvironmentSubject {
  /** Of the fleet. Left out where it is not known: then no matcher that asks for a cluster matches. */
  cluster?: string;
  /** Argo CD project. */
  project?: string;
  namespace?: string;
  labels?: Readonly<Record<string, string>>;
}

/**
 * Name of the first environment with a matcher that matches, else {@link UNASSIGNED_ENVIRONMENT}.
 *
 * @public
 */
export function environmentOf(
  subject: EnvironmentSubject,
  config: Pick<SwitchyardConfig, 'environments'>,
): string {
  const found = config.environments.find(environment =>
    environment.match.some(matcher => matches(matcher, subject)),
  );
  return found?.name ?? UNASSIGNED_ENVIRONMENT;
}

/**
 * Place of an environment in lists: in the order of the config, what is unassigned at the end.
 *
 * @internal
 */
export function environmentOrder(
  environment: string,
  config: Pick<SwitchyardConfig, 'environments'>,
): number {
  const index = config.environments.findIndex(
    ({ name }) => name === environment,
  );
  return index < 0 ? config.environments.length : index;
}

function matches(
  matcher: EnvironmentMatcher,
  subject: EnvironmentSubject,
): boolean {
  const { cluster, project, namespace, labels } = matcher;
  // A matcher that asks for nothing would take in everything: a slip of the pen, never meant.
  if (!cluster && !project && !namespace && !labels) return false;
  return (
    isOneOf(cluster, subject.cluster) &&
    isOneOf(project, subject.project) &&
    isOneOf(namespace, subject.namespace) &&
    Object.entries(labels ?? {}).every(([key, value]) =>
      isOneOf([value], subject.labels?.[key]),
    )
  );
}

function isOneOf(
  patterns: readonly string[] | undefined,
  value: string | undefined,
): boolean {
  if (!patterns) return true;
  return value !== undefined && matchesAny(patterns, value);
}
