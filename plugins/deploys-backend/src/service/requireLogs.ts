import { Entity } from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import { Decisions } from './DeploymentAuthorizer';
import { LogsPlace } from './types';

/** @throws NotAllowedError that says why logs may not be read there */
export function requireLogs(
  decisions: Pick<Decisions, 'judgeLogs'>,
  entity: Entity,
  place: LogsPlace,
): void {
  const grant = decisions.judgeLogs(entity, place);
  if (!grant.allowed) throw new NotAllowedError(grant.why);
}
