import { useApi } from '@backstage/core-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { PodEvents } from '@switchyard/backstage-plugin-deploys-common';
import {
  AgeText,
  FailureText,
  quietColor,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useEffect, useState } from 'react';
import { deploysApiRef } from '../../api';
import { PodPlace } from './usePodsView';

const READ_EVERY_MS = 10_000;

const useStyles = makeStyles(
  theme => ({
    list: { margin: 0, padding: 0, listStyle: 'none' },
    event: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'baseline',
      columnGap: theme.spacing(1.5),
      padding: theme.spacing(0.25, 0),
    },
    message: { overflowWrap: 'anywhere', flex: '1 1 20rem' },
    quiet: { color: quietColor(theme), whiteSpace: 'nowrap' },
  }),
  { name: 'SwitchyardPodEventList' },
);

/** What Kubernetes said about a pod and what made it, newest last; read again while it is open. */
export function PodEventList(props: { entityRef: string; place: PodPlace }) {
  const { entityRef, place } = props;
  const { cluster, namespace, pod } = place;
  const deploysApi = useApi(deploysApiRef);
  const classes = useStyles();
  const [{ events, error }, setState] = useState<{
    events?: PodEvents;
    error?: Error;
  }>({});
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const read = () => {
      if (document.hidden) return;
      deploysApi
        .getPodEvents(entityRef, { cluster, namespace, pod }, { signal })
        .then(
          value => !signal.aborted && setState({ events: value }),
          cause =>
            !signal.aborted &&
            setState(before => ({ ...before, error: cause as Error })),
        );
    };
    read();
    const timer = setInterval(read, READ_EVERY_MS);
    return () => {
      controller.abort();
      clearInterval(timer);
    };
  }, [deploysApi, entityRef, cluster, namespace, pod]);

  if (!events) {
    return error ? (
      <FailureText what="Events cannot be shown." error={error} />
    ) : (
      <Typography variant="body2">Reading events</Typography>
    );
  }
  if (events.items.length === 0) {
    return (
      <Typography variant="body2">
        {events.readable
          ? 'No events in the last hour'
          : 'Events of this cluster are not readable by the portal'}
      </Typography>
    );
  }
  return (
    <ol className={classes.list} aria-label={`Events of ${pod}`}>
      {events.items.map(each => (
        <li
          key={[
            each.about.kind,
            each.reason,
            each.firstAt,
            each.message,
          ].join()}
          className={classes.event}
        >
          <span className={classes.quiet}>
            <AgeText at={each.lastAt} />
          </span>
          <StatusWord tone={each.type === 'Warning' ? 'attention' : 'neutral'}>
            {each.reason}
          </StatusWord>
          <span className={classes.message}>{each.message}</span>
          <span className={classes.quiet}>
            {each.container ?? each.about.kind}
            {each.count > 1 && (
              <>
                {` · ${each.count} times since `}
                <AgeText at={each.firstAt} />
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
