import { useApi } from '@backstage/core-plugin-api';
import { makeStyles } from '@material-ui/core/styles';
import {
  ActionButton,
  FailureText,
} from '@switchyard/backstage-plugin-runs-react';
import { useEffect, useState } from 'react';
import { deploysApiRef } from '../../api';
import { cleanText } from '../LogsDrawer/cleanText';
import { PodPlace } from './usePodsView';

const LINES = 20;

const useStyles = makeStyles(
  theme => ({
    lines: {
      margin: theme.spacing(0.5, 0, 1),
      padding: theme.spacing(1),
      maxHeight: 240,
      overflow: 'auto',
      whiteSpace: 'pre-wrap',
      overflowWrap: 'anywhere',
      fontFamily: 'monospace',
      fontSize: 12,
      backgroundColor: theme.palette.background.paper,
      border: `1px solid ${theme.palette.divider}`,
      borderRadius: theme.shape.borderRadius,
    },
  }),
  { name: 'SwitchyardLastLines' },
);

/** The last lines that a container wrote before it ended, read when somebody asks: reading a log is audited. */
export function LastLines(props: {
  entityRef: string;
  place: PodPlace;
  container: string;
}) {
  const { entityRef, place, container } = props;
  const deploysApi = useApi(deploysApiRef);
  const classes = useStyles();
  const [isAsked, setAsked] = useState(false);
  const [text, setText] = useState<string>();
  const [error, setError] = useState<Error>();
  const placeText = JSON.stringify(place);
  useEffect(() => {
    if (!isAsked) return undefined;
    const controller = new AbortController();
    const { signal } = controller;
    const read = async () => {
      let all = '';
      const pieces = deploysApi.readLogs(
        {
          entityRef,
          ...(JSON.parse(placeText) as PodPlace),
          container,
          previous: true,
          tail: LINES,
        },
        { signal },
      );
      for await (const piece of pieces) all += piece;
      return all;
    };
    read().then(
      all => !signal.aborted && setText(all),
      cause => !signal.aborted && setError(cause as Error),
    );
    return () => controller.abort();
  }, [deploysApi, entityRef, placeText, container, isAsked]);

  if (error) {
    return <FailureText what="The log cannot be read." error={error} />;
  }
  if (text !== undefined) {
    return (
      <pre
        className={classes.lines}
        aria-label={`Last lines of ${container} before its restart`}
      >
        {text === ''
          ? 'It wrote nothing'
          : text.trimEnd().split('\n').map(cleanText).join('\n')}
      </pre>
    );
  }
  return (
    <ActionButton
      size="small"
      disabled={isAsked}
      onClick={() => setAsked(true)}
    >
      Last lines of {container} before its restart
    </ActionButton>
  );
}
