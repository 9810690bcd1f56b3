import Drawer from '@material-ui/core/Drawer';
import IconButton from '@material-ui/core/IconButton';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import CloseIcon from '@material-ui/icons/Close';
import {
  CopyButton,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { CardSkeleton } from '../CardStates';
import { ArrangedCluster, ArrangedWorkload } from '../PodsCard/arrangePods';
import { execLine } from '../PodsCard/execLine';
import { podTone, podWord } from '../PodsCard/podWords';
import { LogsPlace } from '../PodsCard/usePodsView';
import { defaultContainer } from './containers';

// Most who look at pods read no log: what it takes is loaded when the first is opened.
const LogsView = lazy(() =>
  import('./LogsView').then(module => ({ default: module.LogsView })),
);

const TITLE_ID = 'switchyard-logs-title';

const useStyles = makeStyles(
  theme => ({
    paper: {
      width: 'min(1100px, 100vw)',
      fontFamily: theme.typography.fontFamily,
      padding: theme.spacing(2),
      display: 'flex',
      flexDirection: 'column',
      gap: theme.spacing(1.5),
    },
    head: { display: 'flex', alignItems: 'flex-start', gap: theme.spacing(1) },
    words: { flex: '1 1 auto', minWidth: 0 },
    title: { overflowWrap: 'anywhere' },
    facts: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'center',
      columnGap: theme.spacing(2),
      color: theme.palette.text.secondary,
      fontSize: theme.typography.body2.fontSize,
    },
  }),
  { name: 'SwitchyardLogsDrawer' },
);

/** The logs of one pod, or of all pods of a workload, beside the page. */
export function LogsDrawer(props: {
  entityRef: string;
  /** Undefined: closed. */
  place: LogsPlace | undefined;
  clusters: readonly ArrangedCluster[];
  onPlace(place: LogsPlace): void;
  onClose(): void;
}) {
  const { entityRef, place, clusters, onPlace, onClose } = props;
  const classes = useStyles();
  // What was open stays readable while it slides out, and when its pod is gone from the cluster.
  const [shown, setShown] = useState<{
    place: LogsPlace;
    workload?: ArrangedWorkload;
  }>();
  const found = place && findWorkload(clusters, place);
  useEffect(() => {
    if (!place) return;
    setShown(before => ({
      place,
      workload:
        found ??
        (before && keyOf(before.place) === keyOf(place)
          ? before.workload
          : undefined),
    }));
  }, [place, found]);
  return (
    <Drawer
      anchor="right"
      open={place !== undefined}
      onClose={onClose}
      classes={{ paper: classes.paper }}
      PaperProps={{ role: 'dialog', 'aria-labelledby': TITLE_ID } as object}
    >
      {shown && (
        <>
          <div className={classes.head}>
            <div className={classes.words}>
              <Typography
                variant="h6"
                component="h2"
                id={TITLE_ID}
                className={classes.title}
              >
                Logs of {titleOf(shown.place)}
              </Typography>
              <div className={classes.facts}>
                <span>
                  {shown.place.namespace} in {shown.place.cluster}
                </span>
                <PodFacts
                  place={shown.place}
                  workload={found}
                  isKnown={clusters.length > 0}
                />
              </div>
            </div>
            <IconButton aria-label="Close logs" size="small" onClick={onClose}>
              <CloseIcon />
            </IconButton>
          </div>
          {place && (
            <Suspense
              fallback={<CardSkeleton label="Loading the log viewer" />}
            >
              <LogsView
                key={keyOf(place)}
                entityRef={entityRef}
                place={place}
                workload={shown.workload}
                onPlace={onPlace}
              />
            </Suspense>
          )}
        </>
      )}
    </Drawer>
  );
}

/** How the pod is doing, and the line that opens a shell in it. */
function PodFacts(props: {
  place: LogsPlace;
  workload: ArrangedWorkload | undefined;
  isKnown: boolean;
}) {
  const { place, workload, isKnown } = props;
  if (!('pod' in place)) {
    return workload || !isKnown ? null : (
      <StatusWord tone="neutral">
        This workload is not there any more
      </StatusWord>
    );
  }
  const pod = workload?.pods.find(each => each.pod.name === place.pod);
  if (!pod) {
    return isKnown ? (
      <StatusWord tone="neutral">This pod is not there any more</StatusWord>
    ) : null;
  }
  return (
    <>
      <StatusWord tone={podTone(pod)}>{podWord(pod)}</StatusWord>
      <span>
        kubectl exec
        <CopyButton
          label="kubectl exec line"
          text={execLine({
            ...place,
            container: defaultContainer(pod.pod.containers) ?? '',
          })}
        />
      </span>
    </>
  );
}

function titleOf(place: LogsPlace): string {
  return 'pod' in place
    ? place.pod
    : `${place.workload.kind} ${place.workload.name}`;
}

function keyOf(place: LogsPlace): string {
  return [place.cluster, place.namespace, titleOf(place)].join('/');
}

function findWorkload(
  clusters: readonly ArrangedCluster[],
  place: LogsPlace,
): ArrangedWorkload | undefined {
  return clusters
    .filter(cluster => cluster.name === place.cluster)
    .flatMap(cluster => cluster.workloads)
    .filter(({ workload }) => workload.namespace === place.namespace)
    .find(({ workload, pods }) =>
      'pod' in place
        ? pods.some(({ pod }) => pod.name === place.pod)
        : workload.kind === place.workload.kind &&
          workload.name === place.workload.name,
    );
}
