import { Content, EmptyState } from '@backstage/core-components';
import { useRouteRef } from '@backstage/core-plugin-api';
import { ActionButton } from '@switchyard/backstage-plugin-runs-react';
import { rootRouteRef } from '../../routes';

/** What was asked for is not there, with the way to what is. */
export function NotThere(props: { title: string; description: string }) {
  const { title, description } = props;
  const list = useRouteRef(rootRouteRef);
  return (
    <Content>
      <EmptyState
        missing="content"
        title={title}
        description={description}
        action={
          <ActionButton variant="outlined" to={list()}>
            All runs
          </ActionButton>
        }
      />
    </Content>
  );
}
