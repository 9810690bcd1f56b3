import { alpha, makeStyles } from '@material-ui/core/styles';
import { useChanged } from '@switchyard/backstage-plugin-runs-react';
import { ReactNode } from 'react';

const useStyles = makeStyles(
  theme => ({
    root: {
      borderRadius: theme.shape.borderRadius,
      // The highlight reaches a little around the text without moving it.
      margin: theme.spacing(-0.25, -0.5),
      padding: theme.spacing(0.25, 0.5),
      transition: 'background-color 800ms ease-out',
    },
    // Faint, for words in the colours of their tones must be read on it (AA); the edge makes it seen.
    changed: {
      backgroundColor: alpha(theme.palette.primary.main, 0.08),
      boxShadow: `0 0 0 1px ${alpha(theme.palette.primary.main, 0.3)}`,
      transition: 'none',
    },
  }),
  { name: 'SwitchyardFlash' },
);

/** Highlights its content for a moment when `of` has become another value, in place. */
export function Flash(props: {
  of: string | number | boolean | undefined;
  children: ReactNode;
}) {
  const classes = useStyles();
  const changed = useChanged(props.of);
  return (
    <div
      className={[classes.root, changed && classes.changed]
        .filter(Boolean)
        .join(' ')}
    >
      {props.children}
    </div>
  );
}
