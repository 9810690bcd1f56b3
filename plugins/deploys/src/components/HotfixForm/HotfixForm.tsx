import { ActionFormProps } from '@switchyard/backstage-plugin-runs-react';
import { useMemo } from 'react';
import { useEntityDeploys } from '../../state';
import { currentVersions } from './currentVersions';
import { useImageVersions } from './useImageVersions';
import { VersionPicker } from './VersionPicker';

/** Picks the version that a hotfix ships. */
export function HotfixForm(props: ActionFormProps) {
  const { entityRef, environment, input, onChange } = props;
  const versions = useImageVersions(entityRef, environment);
  const { value } = useEntityDeploys(entityRef);
  const rows = useMemo(
    () =>
      (value?.deployments ?? []).filter(row => row.environment === environment),
    [value, environment],
  );
  const current = useMemo(
    () => currentVersions(rows, environment),
    [rows, environment],
  );
  return (
    <VersionPicker
      versions={versions}
      current={current}
      clusterCount={rows.length}
      selected={input?.version as string | undefined}
      onSelect={version => onChange({ version })}
    />
  );
}
