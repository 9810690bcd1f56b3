import MenuItem from '@material-ui/core/MenuItem';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import Typography from '@material-ui/core/Typography';
import { RollbackChoices } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionFormProps,
  AgeText,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useId, useState } from 'react';
import { shortRevision } from '../DeploymentDetails/shortRevision';

type Application = RollbackChoices['applications'][number];
type ChosenDeploy = { application: string; id: number };

const useStyles = makeStyles(
  {
    field: { minWidth: 0 },
    words: { whiteSpace: 'normal', overflowWrap: 'anywhere' },
  },
  { name: 'SwitchyardArgoDeploys' },
);

/** What each Application is set back to by Argo CD itself, and what that costs. */
export function ArgoDeploys(
  props: Pick<ActionFormProps, 'input' | 'onChange'> & {
    choices: RollbackChoices;
  },
) {
  const { choices, input, onChange } = props;
  const { applications } = choices;
  const [deploys, setDeploys] = useState(
    () => (input?.deploys as ChosenDeploy[] | undefined) ?? [],
  );
  const choose = (application: string, id: number | undefined) => {
    const others = deploys.filter(each => each.application !== application);
    const next = id === undefined ? others : [...others, { application, id }];
    setDeploys(next);
    onChange(next.length > 0 ? { mode: 'argocd', deploys: next } : undefined);
  };
  return (
    <>
      <StatusWord tone="attention">
        Argo CD runs no hooks then, and Git goes on saying something else:
        auto-sync is switched off until somebody resumes.
      </StatusWord>
      {applications.length === 0 && (
        <Typography variant="body2">
          None: Argo CD could not be asked, or has no Application here.
        </Typography>
      )}
      {applications.map(each => (
        <ApplicationField
          key={each.application}
          application={each}
          versions={choices.versions}
          chosen={
            deploys.find(({ application }) => application === each.application)
              ?.id
          }
          onChoose={id => choose(each.application, id)}
        />
      ))}
    </>
  );
}

function ApplicationField(props: {
  application: Application;
  versions: RollbackChoices['versions'];
  chosen: number | undefined;
  onChoose(id: number | undefined): void;
}) {
  const { application, versions, chosen, onChoose } = props;
  const { refused, cluster } = application;
  const classes = useStyles();
  const id = useId();
  // What was deployed last is what there is.
  const [, ...past] = application.deploys;
  return (
    <TextField
      id={`${id}-deploy`}
      className={classes.field}
      select
      fullWidth
      label={`${application.application} in ${cluster}`}
      variant="outlined"
      size="small"
      disabled={refused !== undefined || past.length === 0}
      helperText={
        refused ??
        (past.length === 0 ? 'Argo CD remembers no deploy before the last' : '')
      }
      value={chosen ?? ''}
      onChange={event => {
        const { value } = event.target;
        onChoose(value === '' ? undefined : Number(value));
      }}
      SelectProps={{ displayEmpty: true }}
      InputLabelProps={{ shrink: true }}
    >
      <MenuItem value="">Stays as it is</MenuItem>
      {past.map(deploy => (
        <MenuItem key={deploy.id} value={deploy.id}>
          <DeployWords deploy={deploy} versions={versions} />
        </MenuItem>
      ))}
    </TextField>
  );
}

function DeployWords(props: {
  deploy: Application['deploys'][number];
  versions: RollbackChoices['versions'];
}) {
  const { revision, deployedAt, commit } = props.deploy;
  const classes = useStyles();
  const version = props.versions.find(
    ({ revisions }) => revision && revisions.includes(revision),
  )?.version;
  const known = [version, revision && shortRevision(revision)].filter(Boolean);
  return (
    <span className={classes.words}>
      {known.join(' · ')}
      {known.length > 0 && ' · '}
      <AgeText prefix="deployed" at={deployedAt} />
      {commit && ` · ${commit.author}: ${commit.message.split('\n')[0]}`}
    </span>
  );
}
