import { makeStyles, Theme } from '@material-ui/core/styles';
import { quietColor } from '@switchyard/backstage-plugin-runs-react';
import { rowTint } from '../rowTint';

/** The card's own colour, for what other rows scroll under. */
function cardColor(theme: Theme): string {
  return `var(--bui-bg-inherit, ${theme.palette.background.paper})`;
}

/**
 * How tables look here: calm rows on the card's own colour, parted by lines. Backstage's themes stripe the rows of every table and break words
 * anywhere, which reads badly where rows have several lines and stand under headings; the doubled selectors win over them.
 *
 * Rows with `data-look="heading"` head others; of those with `data-look="stale"` only the last known state is shown.
 */
export const useTableStyles = makeStyles(
  theme => ({
    table: {
      '&& td, && th': {
        lineHeight: 1.45,
        wordBreak: 'normal',
        overflowWrap: 'break-word',
        verticalAlign: 'top',
        padding: theme.spacing(0.75, 1),
        borderBottom: `1px solid ${theme.palette.divider}`,
        fontSize: theme.typography.body2.fontSize,
      },
      '&& thead th': {
        color: quietColor(theme),
        backgroundColor: cardColor(theme),
        fontSize: theme.typography.caption.fontSize,
        fontWeight: 600,
        whiteSpace: 'nowrap',
        verticalAlign: 'bottom',
      },
      '&& tbody tr': { backgroundColor: 'transparent' },
      '&& tbody tr:hover, && tbody tr[data-look]': {
        backgroundColor: rowTint(theme),
      },
      '&& tbody tr[data-look=stale] > *': {
        color: quietColor(theme),
      },
    },
    quiet: {
      color: quietColor(theme),
      fontSize: theme.typography.caption.fontSize,
    },
    /** A cell that stays at the right edge while the table scrolls sideways. */
    atEnd: {
      [theme.breakpoints.up('sm')]: {
        '&&': {
          position: 'sticky',
          right: 0,
          backgroundColor: cardColor(theme),
        },
        'tr:hover > &&, tr[data-look] > &&': {
          backgroundImage: `linear-gradient(${rowTint(theme)}, ${rowTint(
            theme,
          )})`,
        },
      },
    },
    /** One line; the whole text belongs into the tooltip. */
    clipped: {
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      whiteSpace: 'nowrap',
    },
  }),
  { name: 'SwitchyardTable' },
);
