import { makeStyles } from '@material-ui/core/styles';
import {
  formatExact,
  hiddenText,
} from '@switchyard/backstage-plugin-runs-react';
import { formatClock } from '../Freshness';

const useStyles = makeStyles(
  theme => ({
    shown: {
      flex: 'none',
      paddingRight: theme.spacing(1),
      whiteSpace: 'nowrap',
      color: theme.palette.text.secondary,
      userSelect: 'none',
    },
    copied: { ...hiddenText, whiteSpace: 'pre' },
  }),
  { name: 'SwitchyardLogTime' },
);

/** When a line was written, on the person's own clock. It is no part of what is copied: {@link CopiedLogTime} is. */
export function LogTime(props: { at: string | undefined }) {
  const { at } = props;
  const classes = useStyles();
  if (!at) return null;
  return (
    <time dateTime={at} title={formatExact(at)} className={classes.shown}>
      {formatClock(at, 'HH:mm:ss.SSS')}
    </time>
  );
}

/** The exact time of a line, unseen before its text: whoever copies the line gets what `kubectl logs --timestamps` would say. */
export function CopiedLogTime(props: { at: string | undefined }) {
  const { at } = props;
  const classes = useStyles();
  if (!at) return null;
  return (
    <span className={classes.copied} aria-hidden="true">
      {`${at} `}
    </span>
  );
}
