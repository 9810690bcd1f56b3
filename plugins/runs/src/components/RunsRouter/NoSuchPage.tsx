import { Content, EmptyState } from '@backstage/core-components';
import { useRouteRef } from '@backstage/core-plugin-api';
import { ActionButton } from '@switchyard/backstage-plugin-runs-react';
import { rootRouteRef } from '../../routes';

/** An address below the plugin's path that leads nowhere. */
export function NoSuchPage() {
  const list = useRouteRef(rootRouteRef);
  return (
    <Content>
      <EmptyState
        missing="content"
        title="There is no such page"
        description="The address may be wrong, or what it led to is gone."
        action={
          <ActionButton variant="outlined" to={list()}>
            All runs
          </ActionButton>
        }
      />
    </Content>
  );
}
