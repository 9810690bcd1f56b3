import { Content, EmptyState, Link } from '@backstage/core-components';

/** Says so, and where to go from here. */
export function PageNotFound() {
  return (
    <Content>
      <EmptyState
        missing="content"
        title="There is no such page"
        description="The address may be wrong, or what it led to is gone."
        action={<Link to="/catalog">All services</Link>}
      />
    </Content>
  );
}
