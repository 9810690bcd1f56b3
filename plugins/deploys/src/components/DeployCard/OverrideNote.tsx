import { Link } from '@backstage/core-components';
import { DeploymentState } from '@switchyard/backstage-plugin-deploys-common';
import { AgeText, StatusWord } from '@switchyard/backstage-plugin-runs-react';
import { useTableStyles } from '../Table';
import { useRunHref } from '../useRunHref';

type Application = NonNullable<DeploymentState['application']>;

/** That the version stands in Argo CD only: since when, and by which run. */
export function OverrideNote(props: {
  override: NonNullable<Application['override']>;
  stale: boolean;
}) {
  const { override, stale } = props;
  const { version, at, run, number } = override;
  const table = useTableStyles();
  const href = useRunHref()(run);
  const by = `run #${number}`;
  return (
    <div className={table.quiet}>
      <StatusWord tone="attention" stale={stale}>
        {version} by an override of Argo CD, not in Git
      </StatusWord>
      , <AgeText prefix="set" at={at} /> by{' '}
      {href === undefined ? by : <Link to={href}>{by}</Link>}
    </div>
  );
}
