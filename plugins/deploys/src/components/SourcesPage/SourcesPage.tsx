import { Content, EmptyState } from '@backstage/core-components';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import { FleetState } from '@switchyard/backstage-plugin-deploys-common';
import {
  AgeText,
  FailureText,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useSources } from '../../fleet/useSources';
import { Card } from '../Card';
import { CardFailure, CardSkeleton } from '../CardStates';
import { SourceTable } from './SourceTable';
import { UnjoinedTable } from './UnjoinedTable';
import { argoLines, clusterLines, summarize } from './sourceLines';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gap: theme.spacing(3),
      gridTemplateColumns: 'minmax(0, 1fr)',
      fontFamily: theme.typography.fontFamily,
    },
    head: {
      display: 'flex',
      flexWrap: 'wrap',
      gap: theme.spacing(2),
      justifyContent: 'space-between',
    },
  }),
  { name: 'SwitchyardSourcesPage' },
);

/** What Switchyard can see and what it cannot: each cluster and Argo CD with its age, what may not be read, and how to mend it; destinations that are no cluster. */
export function SourcesPage() {
  const classes = useStyles();
  const { value, error, loading, checkedAt, retry } = useSources();
  return (
    <main>
      <Content>
        <div className={classes.root}>
          {loading && <CardSkeleton label="Loading the sources" rows={8} />}
          {!value && error && (
            <CardFailure
              what="The sources cannot be shown."
              error={error}
              onRetry={retry}
            />
          )}
          {value && (
            <>
              <div className={classes.head}>
                <Summary state={value} />
                {checkedAt && (
                  <AgeText
                    prefix="as of"
                    at={new Date(checkedAt).toISOString()}
                  />
                )}
              </div>
              {error && (
                <FailureText
                  what="What is shown may be out of date."
                  error={error}
                />
              )}
              <Sources state={value} />
            </>
          )}
        </div>
      </Content>
    </main>
  );
}

function Summary(props: { state: FleetState }) {
  const { tone, text } = summarize(props.state);
  return (
    <div role="status">
      <StatusWord tone={tone}>{text}</StatusWord>
    </div>
  );
}

function Sources(props: { state: FleetState }) {
  const { state } = props;
  if (state.clusters.length === 0 && state.argoInstances.length === 0) {
    return (
      <EmptyState
        missing="content"
        title="No source is configured"
        description="Clusters come from the Kubernetes plugin, Argo CD instances from argocd.appLocatorMethods. docs/install says how."
      />
    );
  }
  return (
    <>
      <Card title="Clusters">
        {state.clusters.length > 0 ? (
          <SourceTable label="Clusters" lines={clusterLines(state.clusters)} />
        ) : (
          <Typography variant="body2">
            None: the Kubernetes plugin brings no cluster. What Argo CD says is
            all that is known; pods, restarts and logs are not.
          </Typography>
        )}
      </Card>
      <Card title="Argo CD">
        {state.argoInstances.length > 0 ? (
          <SourceTable
            label="Argo CD instances"
            lines={argoLines(state.argoInstances)}
          />
        ) : (
          <Typography variant="body2">
            None under argocd.appLocatorMethods: sync, history and windows are
            not known.
          </Typography>
        )}
      </Card>
      {state.unjoined && (
        <Card title="Destinations that are no known cluster">
          {state.unjoined.length > 0 ? (
            <UnjoinedTable destinations={state.unjoined} />
          ) : (
            <Typography variant="body2">
              None: each destination of Argo CD was joined with a cluster.
            </Typography>
          )}
        </Card>
      )}
    </>
  );
}
