import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { CopyButton } from '../CopyButton';
import { StatusWord } from '../StatusWord';
import { describeFailure } from './describeFailure';
import { quietColor } from '../../tone';

const useStyles = makeStyles(
  theme => ({
    root: {
      border: `1px solid ${theme.palette.divider}`,
      borderRadius: theme.shape.borderRadius,
      padding: theme.spacing(1.5),
    },
    message: { overflowWrap: 'anywhere' },
    request: {
      color: quietColor(theme),
      display: 'flex',
      alignItems: 'center',
      gap: theme.spacing(0.5),
    },
  }),
  { name: 'SwitchyardFailureText' },
);

/** @public */
export interface FailureTextProps {
  /** What did not work: 'The lock was not set.' */
  what: string;
  error: Error;
  /** What to do about it, where there is more to say than the error does. */
  advice?: string;
  className?: string;
}

/**
 * A failure in its place: what, why, what to do, with the request id to hand on. Announced to screen readers.
 *
 * @public
 */
export function FailureText(props: FailureTextProps) {
  const { what, error, advice, className } = props;
  const classes = useStyles();
  const { message, requestId } = describeFailure(error);
  return (
    <div
      role="alert"
      className={[classes.root, className].filter(Boolean).join(' ')}
    >
      <StatusWord tone="error">{what}</StatusWord>
      <Typography variant="body2" className={classes.message}>
        {message}
        {advice && ` ${advice}`}
      </Typography>
      <Typography variant="caption" className={classes.request} component="div">
        {requestId && <span>Request {requestId}</span>}
        <CopyButton
          label="error text"
          text={[what, message, requestId && `request ${requestId}`]
            .filter(Boolean)
            .join('\n')}
        />
      </Typography>
    </div>
  );
}
