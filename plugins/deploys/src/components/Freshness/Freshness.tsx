import { makeStyles } from '@material-ui/core/styles';
import Tooltip from '@material-ui/core/Tooltip';
import { EntityDeploysState } from '@switchyard/backstage-plugin-deploys-common';
import {
  AgeText,
  StatusWord,
  quietColor,
} from '@switchyard/backstage-plugin-runs-react';
import { describeSource } from './describeSource';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'flex',
      flexWrap: 'wrap',
      columnGap: theme.spacing(2),
      rowGap: theme.spacing(0.5),
      color: quietColor(theme),
      fontSize: theme.typography.body2.fontSize,
    },
    source: {
      display: 'inline-flex',
      columnGap: theme.spacing(0.75),
      flexWrap: 'wrap',
    },
  }),
  { name: 'SwitchyardFreshness' },
);

/** How old what is shown is, and which clusters and Argo CD instances it lacks. */
export function Freshness(props: {
  state: EntityDeploysState;
  /** When the backend last said so, in milliseconds. */
  checkedAt: number | undefined;
  className?: string;
}) {
  const { state, checkedAt, className } = props;
  const classes = useStyles();
  const at = checkedAt ? new Date(checkedAt).toISOString() : state.asOf;
  return (
    <div className={[classes.root, className].filter(Boolean).join(' ')}>
      <AgeText prefix="as of" at={at} />
      {state.sources.map(source => {
        const words = describeSource(source);
        if (!words) return null;
        return (
          <span key={source.id} className={classes.source}>
            <Tooltip title={words.detail ?? ''}>
              <span>
                <StatusWord tone={words.tone}>
                  {source.name} {words.text}
                </StatusWord>
              </span>
            </Tooltip>
            {words.stale && source.asOf && (
              <AgeText prefix="last state" at={source.asOf} />
            )}
          </span>
        );
      })}
    </div>
  );
}
