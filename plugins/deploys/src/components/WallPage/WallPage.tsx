import { useRouteRef } from '@backstage/core-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import { FleetRow } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionButton,
  AgeText,
  FailureText,
  StatusWord,
  useEnvironmentTitle,
  useNow,
} from '@switchyard/backstage-plugin-runs-react';
import { countRows, describeCounts } from '../../fleet/arrangeFleet';
import { FleetTable } from '../../fleet/FleetApi';
import { useFleet } from '../../fleet/useFleet';
import { useFleetFilters } from '../../fleet/useFleetFilters';
import { useShownRows } from '../../fleet/useShownRows';
import {
  placeOf,
  reasonOf,
  severityWords,
  titleOf,
  WRONG,
} from '../../fleet/words';
import { appsLinkRef } from '../../routes';

/** The page asks at least once a minute. */
const STALE_MS = 90_000;
/** More is not read from across a room. */
const MAX_SHOWN = 24;

const useStyles = makeStyles(
  theme => ({
    // Over the side bar: nothing but what is wrong.
    root: {
      position: 'fixed',
      inset: 0,
      zIndex: theme.zIndex.modal,
      overflow: 'auto',
      backgroundColor: theme.palette.background.default,
      color: theme.palette.text.primary,
      fontFamily: theme.typography.fontFamily,
      padding: theme.spacing(3),
    },
    head: {
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(2),
      alignItems: 'center',
      justifyContent: 'space-between',
      marginBottom: theme.spacing(3),
    },
    summary: { fontSize: 'clamp(1.5rem, 3vw, 3rem)' },
    stale: { fontSize: 'clamp(1.25rem, 2.5vw, 2.5rem)' },
    freshness: { display: 'flex', gap: theme.spacing(2), alignItems: 'center' },
    list: {
      display: 'grid',
      gridTemplateColumns: 'repeat(auto-fill, minmax(min(22rem, 100%), 1fr))',
      gap: theme.spacing(2),
      listStyle: 'none',
      margin: 0,
      padding: 0,
    },
    item: {
      border: `2px solid ${theme.palette.divider}`,
      borderRadius: theme.shape.borderRadius,
      backgroundColor: theme.palette.background.paper,
      padding: theme.spacing(2),
      fontSize: 'clamp(1rem, 1.4vw, 1.5rem)',
      overflowWrap: 'anywhere',
    },
    name: { fontSize: '1.6em', fontWeight: 700, lineHeight: 1.2 },
    more: { fontSize: '1.5rem', marginTop: theme.spacing(2) },
  }),
  { name: 'SwitchyardWallPage' },
);

/** For a screen on the wall: only what is wrong, in big type, kept fresh. It says so when it is not. */
export function WallPage() {
  const classes = useStyles();
  const { value: fleet, error, loading, checkedAt, retry } = useFleet();
  const filters = useFleetFilters();
  const rows = useShownRows(fleet, filters);
  const appsHref = useRouteRef(appsLinkRef);
  const wrong = rows.filter(({ severity }) => WRONG.has(severity));
  const now = useNow({ running: true });
  const isStale =
    error !== undefined ||
    (checkedAt !== undefined && now - checkedAt > STALE_MS);
  return (
    <main className={classes.root}>
      <div className={classes.head}>
        <div className={classes.summary} role="status">
          {loading && 'Loading the fleet'}
          {fleet && <Summary fleet={fleet} wrong={wrong} isStale={isStale} />}
        </div>
        <div className={classes.freshness}>
          {checkedAt !== undefined && (
            <AgeText prefix="as of" at={new Date(checkedAt).toISOString()} />
          )}
          <FullScreenButton />
          {appsHref && (
            <ActionButton
              variant="outlined"
              to={`${appsHref()}?${filters.search}`}
            >
              Leave
            </ActionButton>
          )}
        </div>
      </div>
      {fleet && isStale && (
        <div className={classes.stale} role="alert">
          <StatusWord tone="error">
            Stale: the portal was last heard of{' '}
            {checkedAt !== undefined && (
              <AgeText at={new Date(checkedAt).toISOString()} />
            )}
          </StatusWord>
        </div>
      )}
      {!fleet && error && (
        <>
          <FailureText what="The fleet cannot be shown." error={error} />
          <ActionButton onClick={retry}>Try again</ActionButton>
        </>
      )}
      <ul className={classes.list} aria-label="What is wrong">
        {wrong.slice(0, MAX_SHOWN).map(row => (
          <WallItem key={row.id} row={row} />
        ))}
      </ul>
      {wrong.length > MAX_SHOWN && (
        <div className={classes.more}>and {wrong.length - MAX_SHOWN} more</div>
      )}
    </main>
  );
}

function Summary(props: {
  fleet: FleetTable;
  wrong: readonly FleetRow[];
  isStale: boolean;
}) {
  const { fleet, wrong, isStale } = props;
  if (wrong.length > 0) {
    return (
      <StatusWord tone={severityWords[wrong[0].severity].tone} stale={isStale}>
        {describeCounts(countRows(wrong))}
      </StatusWord>
    );
  }
  const isKnown = !fleet.incomplete && fleet.sources.length === 0 && !isStale;
  return isKnown ? (
    <StatusWord tone="ok">Nothing is wrong</StatusWord>
  ) : (
    <StatusWord tone="neutral">
      Nothing is known to be wrong; not everything can be seen
    </StatusWord>
  );
}

function WallItem(props: { row: FleetRow }) {
  const { row } = props;
  const classes = useStyles();
  const title = useEnvironmentTitle();
  const { word, tone } = severityWords[row.severity];
  return (
    <li className={classes.item}>
      <div className={classes.name}>{titleOf(row)}</div>
      <div>
        {title(row.environment)} · {placeOf(row)}
      </div>
      <StatusWord tone={tone}>{word}</StatusWord>
      <div>{reasonOf(row) ?? argoWords(row)}</div>
    </li>
  );
}

/** What a table has columns for. */
function argoWords({ app }: FleetRow): string | undefined {
  const phase = app?.operation?.phase;
  if (phase === 'Failed' || phase === 'Error') {
    return `The last operation of Argo CD ended as ${phase}`;
  }
  return app?.sync === 'OutOfSync' ? app.sync : app?.health;
}

function FullScreenButton() {
  if (!document.fullscreenEnabled) return null;
  return (
    <ActionButton
      variant="outlined"
      onClick={() => {
        // The browser may refuse; the page fills the window all the same.
        document.documentElement.requestFullscreen().catch(() => {});
      }}
    >
      Full screen
    </ActionButton>
  );
}
