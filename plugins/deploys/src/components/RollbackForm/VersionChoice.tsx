import FormControlLabel from '@material-ui/core/FormControlLabel';
import Radio from '@material-ui/core/Radio';
import { makeStyles } from '@material-ui/core/styles';
import { RollbackChoices } from '@switchyard/backstage-plugin-deploys-common';
import {
  AgeText,
  quietColor,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useId } from 'react';

const useStyles = makeStyles(
  theme => ({
    root: { alignItems: 'flex-start', marginRight: 0 },
    // The name of the radio button; what else is known describes it.
    words: { display: 'block', minWidth: 0, paddingTop: theme.spacing(0.75) },
    version: {
      fontFamily: 'monospace',
      fontWeight: 600,
      overflowWrap: 'anywhere',
      marginRight: theme.spacing(1.5),
    },
    facts: {
      color: quietColor(theme),
      fontSize: theme.typography.body2.fontSize,
      overflowWrap: 'anywhere',
      margin: theme.spacing(0, 0, 0.5, 4.75),
    },
  }),
  { name: 'SwitchyardVersionChoice' },
);

/** One version that ran: where, since when, and with which commit. */
export function VersionChoice(props: {
  choice: RollbackChoices['versions'][number];
  isSetOnObjects: RollbackChoices['isSetOnObjects'];
}) {
  const { isSetOnObjects } = props;
  const { version, isNow, missingIn, deploys } = props.choice;
  const classes = useStyles();
  const id = useId();
  return (
    <div>
      <FormControlLabel
        className={classes.root}
        value={version}
        disabled={isNow || missingIn.length > 0}
        control={
          <Radio
            size="small"
            color="primary"
            inputProps={{ 'aria-describedby': id }}
          />
        }
        label={
          <span className={classes.words}>
            <span className={classes.version}>{version}</span>
          </span>
        }
      />
      <div id={id} className={classes.facts}>
        {isNow && (
          <StatusWord tone="ok">
            {isSetOnObjects
              ? 'Set everywhere now'
              : 'Git names it everywhere now'}
          </StatusWord>
        )}
        {missingIn.length > 0 && (
          <StatusWord tone="attention">
            never ran with {missingIn.join(', ')}
          </StatusWord>
        )}
        {deploys.map(
          ({ application, cluster, deployedAt, by, automated, commit }) => (
            <div key={`${application} ${cluster}`}>
              {cluster}:{' '}
              {isSetOnObjects ? (
                <>
                  {application}, <AgeText prefix="seen" at={deployedAt} />
                </>
              ) : (
                <>
                  <AgeText prefix="deployed" at={deployedAt} /> by{' '}
                  {by ?? (automated ? 'auto-sync' : 'unknown')}
                </>
              )}
              {commit && (
                <>
                  {' · '}
                  {commit.author}: {commit.message.split('\n')[0]}
                </>
              )}
            </div>
          ),
        )}
      </div>
    </div>
  );
}
