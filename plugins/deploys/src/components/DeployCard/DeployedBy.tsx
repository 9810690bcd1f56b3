import { Link } from '@backstage/core-components';
import { parseEntityRef } from '@backstage/catalog-model';
import { humanizeEntityRef } from '@backstage/plugin-catalog-react';
import { EntityRunsState } from '@switchyard/backstage-plugin-runs-common';
import { useRunHref } from '../useRunHref';
import { findRunOf } from './findRunOf';

/**
 * Who deployed something, and in which run. Argo CD names the account that asked it, which is the portal's for every run: the run knows the person.
 */
export function DeployedBy(props: {
  at: string;
  /** Whom Argo CD names. */
  by: string | undefined;
  environment: string;
  runs: EntityRunsState | undefined;
}) {
  const { by } = props;
  const runHref = useRunHref();
  const run = findRunOf(props);
  if (!run) return by ? <>by {by}</> : null;
  const person = humanizeEntityRef(parseEntityRef(run.requestedBy), {
    defaultKind: 'user',
    defaultNamespace: 'default',
  });
  const href = runHref(run.id);
  return (
    <>
      by {person},{' '}
      {href ? (
        <Link to={href} underline="always">
          run #{run.number}
        </Link>
      ) : (
        `run #${run.number}`
      )}
    </>
  );
}
