import { stringifyEntityRef } from '@backstage/catalog-model';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import { LocksSection } from '@switchyard/backstage-plugin-runs-react';

/** What binds deploys of the entity of this page. */
export function LocksCard() {
  const { entity } = useEntity();
  return (
    <EntityInfoCard title="Locks">
      <LocksSection entityRef={stringifyEntityRef(entity)} />
    </EntityInfoCard>
  );
}
