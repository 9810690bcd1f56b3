import { Link } from '@backstage/core-components';
import { useRouteRef } from '@backstage/core-plugin-api';
import Typography from '@material-ui/core/Typography';
import { rightsRouteRef } from '../../routes';

/** The way to all that this viewer may do with a component, and why not. Nothing where the portal has no such page. */
export function RightsLink(props: { entityRef: string }) {
  const { entityRef } = props;
  const href = useRouteRef(rightsRouteRef)?.();
  if (!href) return null;
  return (
    <Typography variant="body2">
      <Link to={`${href}?entity=${encodeURIComponent(entityRef)}`}>
        What may I do here, and why?
      </Link>
    </Typography>
  );
}
