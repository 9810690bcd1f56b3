import { makeStyles } from '@material-ui/core/styles';
import { quietColor } from '@switchyard/backstage-plugin-runs-react';

/** What the tabs of a deployment have in common. */
export const useDetailsStyles = makeStyles(
  theme => ({
    stack: { display: 'grid', gap: theme.spacing(1.5), minWidth: 0 },
    facts: {
      display: 'grid',
      gridTemplateColumns: 'max-content minmax(0, 1fr)',
      columnGap: theme.spacing(2),
      rowGap: theme.spacing(0.5),
      margin: 0,
      '& dt': { color: quietColor(theme) },
      '& dd': { margin: 0, overflowWrap: 'anywhere' },
      [theme.breakpoints.down('xs')]: {
        gridTemplateColumns: 'minmax(0, 1fr)',
        '& dd': { marginBottom: theme.spacing(1) },
      },
    },
    line: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      columnGap: theme.spacing(1.5),
    },
    list: {
      listStyle: 'none',
      margin: 0,
      padding: 0,
      display: 'grid',
      gap: theme.spacing(0.75),
    },
    code: { fontFamily: 'monospace', fontSize: '0.9em' },
    words: { overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' },
    quiet: {
      color: quietColor(theme),
      fontSize: theme.typography.caption.fontSize,
      overflowWrap: 'anywhere',
    },
  }),
  { name: 'SwitchyardDeploymentDetails' },
);
