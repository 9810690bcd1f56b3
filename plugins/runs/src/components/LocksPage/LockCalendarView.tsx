import { makeStyles } from '@material-ui/core/styles';
import { LockCalendar, Lock } from '@switchyard/backstage-plugin-runs-common';
import {
  describeLockPlace,
  quietColor,
  StatusWord,
  useEnvironmentTitle,
} from '@switchyard/backstage-plugin-runs-react';
import { calendarDays, describeTimes } from './calendarDays';

const DAYS = 28;
const SAID = { lock: 'Locked', freeze: 'Frozen', warning: 'Warning' };

const useStyles = makeStyles(
  theme => ({
    days: {
      listStyle: 'none',
      margin: 0,
      padding: 0,
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      [theme.breakpoints.up('md')]: {
        gridTemplateColumns: 'repeat(7, minmax(0, 1fr))',
      },
    },
    day: {
      ...theme.typography.body2,
      border: `1px solid ${theme.palette.divider}`,
      margin: '0 -1px -1px 0',
      padding: theme.spacing(1),
      minWidth: 0,
      [theme.breakpoints.up('md')]: { minHeight: theme.spacing(12) },
    },
    date: { color: quietColor(theme) },
    today: { fontWeight: 600, color: theme.palette.text.primary },
    entries: {
      listStyle: 'none',
      margin: 0,
      padding: 0,
      display: 'grid',
      gap: theme.spacing(0.5),
      overflowWrap: 'anywhere',
    },
  }),
  { name: 'SwitchyardLockCalendar' },
);

/** What closes on each day of the next four weeks; a list on a narrow screen. */
export function LockCalendarView(props: {
  calendar: LockCalendar;
  isMeant(lock: Lock): boolean;
}) {
  const classes = useStyles();
  const titleOf = useEnvironmentTitle();
  const items = props.calendar.items.filter(({ lock }) => props.isMeant(lock));
  const days = calendarDays({ items }, { first: new Date(), days: DAYS });
  return (
    <ol className={classes.days} aria-label="The next four weeks">
      {days.map(({ date, entries }, index) => (
        <li key={date.getTime()} className={classes.day}>
          <div
            className={`${classes.date} ${index === 0 ? classes.today : ''}`}
          >
            {index === 0 ? 'Today, ' : ''}
            {date.toLocaleDateString(undefined, {
              weekday: 'short',
              day: 'numeric',
              month: 'short',
            })}
          </div>
          <ul className={classes.entries}>
            {entries.map(({ lock, from, to }) => (
              <li key={`${lock.id}-${from.getTime()}`} title={lock.reason}>
                <StatusWord
                  tone={lock.kind === 'warning' ? 'neutral' : 'attention'}
                >
                  {SAID[lock.kind]}
                </StatusWord>{' '}
                {describeTimes({ from, to }, date)}:{' '}
                {describeLockPlace(lock, titleOf)} – {lock.reason}
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}
