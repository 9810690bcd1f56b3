import { parseEntityRef } from '@backstage/catalog-model';
import { DeploymentState } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionWalk,
  useEnvironmentTitle,
} from '@switchyard/backstage-plugin-runs-react';
import { useMemo, useState } from 'react';
import { useRunHref } from '../useRunHref';
import { currentVersions } from './currentVersions';
import { useImageVersions } from './useImageVersions';
import { VersionPicker } from './VersionPicker';

/** The walk that ships another version to an environment: version → change → reason → confirm → run. */
export function HotfixWalk(props: {
  open: boolean;
  entityRef: string;
  environment: string;
  deployments: readonly DeploymentState[];
  onClose(): void;
  onRequested(): void;
}) {
  const { open, entityRef, environment, deployments, onClose, onRequested } =
    props;
  const runHref = useRunHref();
  const titleOf = useEnvironmentTitle();
  // One walk is about one environment, and starts with nothing chosen.
  const [choice, setChoice] = useState<{
    environment: string;
    version: string;
  }>();
  const version =
    choice?.environment === environment ? choice.version : undefined;
  const input = useMemo(
    () => (version === undefined ? undefined : { version }),
    [version],
  );
  const { name } = parseEntityRef(entityRef);
  return (
    <ActionWalk
      open={open}
      action="hotfix"
      title={`Hotfix ${name} in ${titleOf(environment)}`}
      entityRef={entityRef}
      environment={environment}
      input={input}
      runHref={runHref}
      onClose={() => {
        setChoice(undefined);
        onClose();
      }}
      onRequested={onRequested}
    >
      <VersionChoice
        entityRef={entityRef}
        environment={environment}
        deployments={deployments}
        selected={version}
        onSelect={chosen => setChoice({ environment, version: chosen })}
      />
    </ActionWalk>
  );
}

/** Mounted while the walk is at its first step only, so that no registry is asked by a page that is just looked at. */
function VersionChoice(props: {
  entityRef: string;
  environment: string;
  deployments: readonly DeploymentState[];
  selected: string | undefined;
  onSelect(version: string): void;
}) {
  const { entityRef, environment, deployments, selected, onSelect } = props;
  const versions = useImageVersions(entityRef, environment);
  const current = useMemo(
    () => currentVersions(deployments, environment),
    [deployments, environment],
  );
  return (
    <VersionPicker
      versions={versions}
      current={current}
      clusterCount={
        deployments.filter(row => row.environment === environment).length
      }
      selected={selected}
      onSelect={onSelect}
    />
  );
}
