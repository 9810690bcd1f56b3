import { ResponseErrorPanel } from '@backstage/core-components';

import { makeStyles } from '@material-ui/core/styles';
import {
  ActionButton,
  FailureText,
} from '@switchyard/backstage-plugin-runs-react';

const useStyles = makeStyles(
  theme => ({ root: { display: 'grid', gap: theme.spacing(2), minWidth: 0 } }),
  { name: 'SwitchyardCardFailure' },
);

/** A card that has nothing to show because the first read failed: what, why, the request id, the details, and the way to try again. */
export function CardFailure(props: {
  what: string;
  error: Error;
  onRetry(): void;
}) {
  const { what, error, onRetry } = props;
  const classes = useStyles();
  return (
    <div className={classes.root}>
      <FailureText what={what} error={error} />
      <ResponseErrorPanel title="Details to hand on" error={error} />
      <div>
        <ActionButton variant="outlined" size="small" onClick={onRetry}>
          Try again
        </ActionButton>
      </div>
    </div>
  );
}
