import {
  Link,
  sidebarConfig,
  useSidebarOpenState,
} from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';

const useStyles = makeStyles({
  root: {
    width: sidebarConfig.drawerWidthClosed,
    height: 3 * sidebarConfig.logoHeight,
    display: 'flex',
    alignItems: 'center',
    marginBottom: -14,
  },
  link: {
    display: 'flex',
    alignItems: 'center',
    gap: 12,
    marginLeft: 24,
    color: '#ffffff',
    fontSize: 20,
    fontWeight: 600,
    whiteSpace: 'nowrap',
    '&:hover': { textDecoration: 'none' },
  },
});

/** Two tracks that join: a switch. */
export function SidebarLogo() {
  const classes = useStyles();
  const { isOpen } = useSidebarOpenState();
  return (
    <div className={classes.root}>
      <Link
        to="/"
        underline="none"
        className={classes.link}
        aria-label="Switchyard, home"
      >
        <svg
          width="24"
          height="24"
          viewBox="0 0 24 24"
          fill="none"
          stroke="currentColor"
          strokeWidth="2.2"
          strokeLinecap="round"
          aria-hidden
        >
          <path d="M4 18h16" />
          <path d="M4 6h3c5 0 6 12 11 12" />
          <circle cx="4" cy="6" r="1.4" fill="currentColor" stroke="none" />
        </svg>
        {isOpen && 'Switchyard'}
      </Link>
    </div>
  );
}
