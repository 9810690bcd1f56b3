import { Theme } from '@material-ui/core/styles';
import { CSSProperties } from '@material-ui/core/styles/withStyles';
import { quietColor } from '../tone';

/** A table of what a plan changes: as wide as it may be, with quiet heads and a line above each row. */
export function planTable(theme: Theme): CSSProperties {
  return {
    ...theme.typography.body2,
    borderCollapse: 'collapse',
    width: '100%',
    '& th': {
      textAlign: 'left',
      fontWeight: 600,
      color: quietColor(theme),
      padding: theme.spacing(0.5, 2, 0.5, 0),
      whiteSpace: 'nowrap',
    },
    '& td': {
      padding: theme.spacing(0.75, 2, 0.75, 0),
      borderTop: `1px solid ${theme.palette.divider}`,
      verticalAlign: 'top',
    },
  };
}
