import Checkbox from '@material-ui/core/Checkbox';
import FormControl from '@material-ui/core/FormControl';
import FormControlLabel from '@material-ui/core/FormControlLabel';
import FormLabel from '@material-ui/core/FormLabel';
import MenuItem from '@material-ui/core/MenuItem';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import Typography from '@material-ui/core/Typography';
import { DeploymentState } from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionFormProps,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useId, useState } from 'react';
import { useEntityDeploys } from '../../state';
import { CardSkeleton } from '../CardStates';
import { RadioChoice } from '../RadioChoice';
import { OutOfSyncList } from './OutOfSyncList';
import { SyncChoice, toChoice, toInput } from './syncChoice';

const useStyles = makeStyles(
  theme => ({ root: { display: 'grid', gap: theme.spacing(2), minWidth: 0 } }),
  { name: 'SwitchyardSyncForm' },
);

/** Says what a sync is of, and how thorough it is. From the beginning it is of everything, and deletes nothing. */
export function SyncForm(props: ActionFormProps) {
  const { entityRef, environment, input, onChange } = props;
  const classes = useStyles();
  const id = useId();
  const { value, loading } = useEntityDeploys(entityRef);
  const [choice, setChoice] = useState(() => toChoice(input));
  const change = (part: Partial<SyncChoice>) => {
    const next = { ...choice, ...part };
    setChoice(next);
    onChange(toInput(next));
  };
  if (loading) return <CardSkeleton label="Loading what runs where" />;

  const rows = applicationRows(value?.deployments ?? [], environment);
  const names = rows.map(row => row.application!.name);
  const isOf = (name: string) => choice.applications?.includes(name) ?? true;
  return (
    <div className={classes.root}>
      {rows.length > 1 && (
        <FormControl component="fieldset">
          <FormLabel component="legend">Applications</FormLabel>
          {rows.map(({ application, cluster, unjoinedDestination }) => (
            <FormControlLabel
              key={application!.name}
              control={
                <Checkbox
                  size="small"
                  color="primary"
                  checked={isOf(application!.name)}
                  onChange={event =>
                    change({
                      applications: choose(names, name =>
                        name === application!.name
                          ? event.target.checked
                          : isOf(name),
                      ),
                    })
                  }
                />
              }
              label={`${application!.name} in ${
                cluster ?? unjoinedDestination ?? 'an unknown cluster'
              }: ${application!.sync}`}
            />
          ))}
        </FormControl>
      )}
      <RadioChoice<'all' | 'some'>
        label="What"
        options={{
          all: 'Everything, with its hooks',
          some: 'Only some of what differs',
        }}
        value={choice.resources ? 'some' : 'all'}
        onChoose={what =>
          change({ resources: what === 'some' ? [] : undefined })
        }
      >
        {choice.resources && (
          <Typography variant="body2">
            No hook runs then, no migration among them, and Argo CD’s history
            does not show it.
          </Typography>
        )}
      </RadioChoice>
      {choice.resources &&
        rows
          .filter(row => isOf(row.application!.name))
          .map(row => (
            <OutOfSyncList
              key={row.id}
              entityRef={entityRef}
              row={row}
              chosen={choice.resources!}
              onChange={resources => change({ resources })}
            />
          ))}
      <TextField
        id={`${id}-refresh`}
        select
        label="Before"
        variant="outlined"
        size="small"
        value={choice.refresh}
        onChange={event =>
          change({ refresh: event.target.value as SyncChoice['refresh'] })
        }
        SelectProps={{ displayEmpty: true }}
        InputLabelProps={{ shrink: true }}
      >
        <MenuItem value="">Take what Argo CD knows of Git</MenuItem>
        <MenuItem value="normal">Look at Git again</MenuItem>
        <MenuItem value="hard">
          Look at Git again and render the manifests anew
        </MenuItem>
      </TextField>
      <Risk
        label="Prune"
        warning="What Git no longer has is deleted, and nobody makes it again."
        checked={choice.prune}
        onChange={prune => change({ prune })}
      />
      <Risk
        label="Force"
        warning="What cannot be changed in place is deleted and created again: pods may all be gone for a while, and data of a claim with them."
        checked={choice.force}
        onChange={force => change({ force })}
      />
    </div>
  );
}

/** An option that says what it costs once it is on. */
function Risk(props: {
  label: string;
  warning: string;
  checked: boolean;
  onChange(checked: boolean): void;
}) {
  const { label, warning, checked, onChange } = props;
  return (
    <div>
      <FormControlLabel
        control={
          <Checkbox
            size="small"
            color="primary"
            checked={checked}
            onChange={event => onChange(event.target.checked)}
          />
        }
        label={label}
      />
      <div role="status">
        {checked && <StatusWord tone="attention">{warning}</StatusWord>}
      </div>
    </div>
  );
}

/** One row for each Application: one that deploys to several namespaces has a line for each. */
function applicationRows(
  deployments: readonly DeploymentState[],
  environment: string,
): DeploymentState[] {
  const rows = new Map<string, DeploymentState>();
  for (const row of deployments) {
    if (row.environment !== environment || !row.application) continue;
    const { instance, namespace, name } = row.application;
    const key = [instance, namespace, name].join('/');
    if (!rows.has(key)) rows.set(key, row);
  }
  return [...rows.values()];
}

/** Undefined where that is all. */
function choose(
  names: readonly string[],
  isChosen: (name: string) => boolean,
): string[] | undefined {
  const chosen = names.filter(isChosen);
  return chosen.length === names.length ? undefined : chosen;
}
