import { makeStyles } from '@material-ui/core/styles';
import TableCell from '@material-ui/core/TableCell';
import TableRow from '@material-ui/core/TableRow';
import { DeploymentState } from '@switchyard/backstage-plugin-deploys-common';
import { lazy, Suspense } from 'react';
import { CardSkeleton } from '../CardStates';
import { PickedAction } from './actions';

// Few open a line; the others do not load what is in it.
const DeploymentDetails = lazy(() =>
  import('../DeploymentDetails').then(module => ({
    default: module.DeploymentDetails,
  })),
);

const useStyles = makeStyles(
  theme => ({
    // Stays in sight where the table scrolls sideways, and is as wide as what is seen of it.
    content: {
      position: 'sticky',
      left: theme.spacing(1),
      width: `calc(100cqw - ${theme.spacing(2)}px)`,
      padding: theme.spacing(1, 0, 1, 2),
      boxSizing: 'border-box',
    },
  }),
  { name: 'SwitchyardDetailsRow' },
);

/** The line below an open one. */
export function DetailsRow(props: {
  id: string;
  columns: number;
  entityRef: string;
  row: DeploymentState;
  tab: string | undefined;
  onTab(tab: string): void;
  /** An action that is possible was picked. */
  onAction(action: PickedAction): void;
}) {
  const { id, columns, ...details } = props;
  const classes = useStyles();
  return (
    <TableRow id={id}>
      <TableCell colSpan={columns}>
        <div className={classes.content}>
          <Suspense
            fallback={<CardSkeleton label="Loading details" rows={2} />}
          >
            <DeploymentDetails {...details} />
          </Suspense>
        </div>
      </TableCell>
    </TableRow>
  );
}
