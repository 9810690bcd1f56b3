import Tooltip from '@material-ui/core/Tooltip';
import { makeStyles } from '@material-ui/core/styles';
import {
  AgeText,
  quietColor,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { FleetTable } from '../../fleet/FleetApi';
import { describeSource } from '../Freshness';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'flex',
      flexWrap: 'wrap',
      columnGap: theme.spacing(2),
      rowGap: theme.spacing(0.5),
      color: quietColor(theme),
      fontSize: theme.typography.body2.fontSize,
      marginBottom: theme.spacing(1),
    },
  }),
  { name: 'SwitchyardFleetFreshness' },
);

/** How old what is shown is, what of it cannot be seen now, and what one does not see for want of a permission. */
export function FleetFreshness(props: {
  fleet: FleetTable;
  /** When the backend last said so, in milliseconds. */
  checkedAt: number | undefined;
}) {
  const { fleet, checkedAt } = props;
  const classes = useStyles();
  return (
    <div className={classes.root}>
      <AgeText
        prefix="as of"
        at={checkedAt ? new Date(checkedAt).toISOString() : fleet.asOf}
      />
      {fleet.scope === 'components' && (
        <Tooltip title="Everything else needs the permission deploys.fleet.read">
          <span>Of components that you may see in the catalog</span>
        </Tooltip>
      )}
      {fleet.incomplete && (
        <StatusWord tone="waiting">
          Lines are missing: not everything was looked at yet
        </StatusWord>
      )}
      {fleet.sources.map(source => {
        const words = describeSource(source);
        return (
          words && (
            <Tooltip key={source.id} title={words.detail ?? ''}>
              <span>
                <StatusWord tone={words.tone}>
                  {source.name} {words.text}
                </StatusWord>
              </span>
            </Tooltip>
          )
        );
      })}
    </div>
  );
}
