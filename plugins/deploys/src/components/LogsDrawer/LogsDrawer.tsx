import Drawer from '@material-ui/core/Drawer';
import IconButton from '@material-ui/core/IconButton';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import CloseIcon from '@material-ui/icons/Close';
import {
  CopyButton,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useEffect, useState } from 'react';
import { ArrangedCluster, ArrangedPod } from '../PodsCard/arrangePods';
import { execLine } from '../PodsCard/execLine';
import { podTone, podWord } from '../PodsCard/podWords';
import { PodPlace } from '../PodsCard/usePodsView';
import { defaultContainer } from './containers';
import { LogsView } from './LogsView';

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

/** The logs of one pod, beside the page. */
export function LogsDrawer(props: {
  entityRef: string;
  /** Undefined: closed. */
  place: PodPlace | undefined;
  clusters: readonly ArrangedCluster[];
  onClose(): void;
}) {
  const { entityRef, place, clusters, onClose } = props;
  const classes = useStyles();
  // What was open stays readable while it slides out, and when its pod is gone from the cluster.
  const [shown, setShown] = useState<{ place: PodPlace; pod?: ArrangedPod }>();
  const found = place && findPod(clusters, place);
  useEffect(() => {
    if (!place) return;
    setShown(before => ({
      place,
      pod:
        found ??
        (before && isSame(before.place, place) ? before.pod : undefined),
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
                Logs of {shown.place.pod}
              </Typography>
              <div className={classes.facts}>
                <span>
                  {shown.place.namespace} in {shown.place.cluster}
                </span>
                {found && (
                  <StatusWord tone={podTone(found)}>
                    {podWord(found)}
                  </StatusWord>
                )}
                {!found && clusters.length > 0 && (
                  <StatusWord tone="neutral">
                    This pod is not there any more
                  </StatusWord>
                )}
                {found && (
                  <span>
                    kubectl exec
                    <CopyButton
                      label="kubectl exec line"
                      text={execLine({
                        ...shown.place,
                        container: defaultContainer(found.pod.containers) ?? '',
                      })}
                    />
                  </span>
                )}
              </div>
            </div>
            <IconButton aria-label="Close logs" size="small" onClick={onClose}>
              <CloseIcon />
            </IconButton>
          </div>
          {place && (
            <LogsView
              key={[place.cluster, place.namespace, place.pod].join('/')}
              entityRef={entityRef}
              place={place}
              containers={shown.pod?.pod.containers ?? []}
            />
          )}
        </>
      )}
    </Drawer>
  );
}

function findPod(
  clusters: readonly ArrangedCluster[],
  place: PodPlace,
): ArrangedPod | undefined {
  return clusters
    .filter(cluster => cluster.name === place.cluster)
    .flatMap(cluster => cluster.workloads)
    .filter(({ workload }) => workload.namespace === place.namespace)
    .flatMap(workload => workload.pods)
    .find(({ pod }) => pod.name === place.pod);
}

function isSame(a: PodPlace, b: PodPlace): boolean {
  return (
    a.cluster === b.cluster && a.namespace === b.namespace && a.pod === b.pod
  );
}
