import { Link } from '@backstage/core-components';
import { useRouteRef } from '@backstage/core-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import {
  quietColor,
  useGateInbox,
} from '@switchyard/backstage-plugin-runs-react';
import {
  approvalsRouteRef,
  auditRouteRef,
  deadLettersRouteRef,
  rightsRouteRef,
  locksRouteRef,
  recordRouteRef,
  rootRouteRef,
} from '../../routes';

const useStyles = makeStyles(
  theme => ({
    list: {
      ...theme.typography.body1,
      listStyle: 'none',
      margin: 0,
      padding: theme.spacing(1, 3, 0),
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(1, 3),
      borderBottom: `1px solid ${theme.palette.divider}`,
    },
    link: {
      display: 'inline-block',
      padding: theme.spacing(1, 0),
      color: quietColor(theme),
      borderBottom: '2px solid transparent',
      '&[aria-current=page]': {
        color: theme.palette.text.primary,
        fontWeight: 600,
        borderBottomColor: theme.palette.primary.main,
      },
    },
  }),
  { name: 'SwitchyardRunsTabs' },
);

/** The pages of the plugin, with the number of runs that wait for this viewer. */
export function RunsTabs(props: {
  current:
    | 'runs'
    | 'approvals'
    | 'dead-letters'
    | 'audit'
    | 'rights'
    | 'locks'
    | 'record';
}) {
  const { current } = props;
  const classes = useStyles();
  const runs = useRouteRef(rootRouteRef);
  const approvals = useRouteRef(approvalsRouteRef);
  const deadLetters = useRouteRef(deadLettersRouteRef);
  const audit = useRouteRef(auditRouteRef);
  const rights = useRouteRef(rightsRouteRef);
  const locks = useRouteRef(locksRouteRef);
  const record = useRouteRef(recordRouteRef);
  const inbox = useGateInbox().value;
  const waiting = [...(inbox?.forMe ?? []), ...(inbox?.passes.forMe ?? [])];
  const count = new Set(waiting.map(({ run }) => run.id)).size;
  const pages = [
    { page: 'runs', href: runs(), title: 'Runs' },
    {
      page: 'approvals',
      href: approvals(),
      title: count > 0 ? `Approvals (${count})` : 'Approvals',
    },
    { page: 'locks', href: locks(), title: 'Locks & freezes' },
    { page: 'dead-letters', href: deadLetters(), title: 'Dead letters' },
    { page: 'rights', href: rights(), title: 'What may I do' },
    { page: 'record', href: record(), title: 'Record' },
    { page: 'audit', href: audit(), title: 'Audit' },
  ];
  return (
    <nav aria-label="Pages of runs">
      <ul className={classes.list}>
        {pages.map(({ page, href, title }) => (
          <li key={page}>
            <Link
              to={href}
              className={classes.link}
              aria-current={page === current ? 'page' : undefined}
            >
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
