import { Content } from '@backstage/core-components';
import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import Typography from '@material-ui/core/Typography';
import { ActionButton } from '@switchyard/backstage-plugin-runs-react';
import { FormEvent, useEffect, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { EntityRights } from './EntityRights';
import { GeneralRights } from './GeneralRights';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(3),
    },
    paper: {
      display: 'grid',
      gridTemplateColumns: 'minmax(0, 1fr)',
      gap: theme.spacing(2),
      padding: theme.spacing(2),
    },
    form: {
      display: 'flex',
      flexWrap: 'wrap',
      alignItems: 'flex-start',
      gap: theme.spacing(1, 2),
    },
    field: { flex: '0 1 24rem' },
    button: { marginTop: theme.spacing(0.25) },
  }),
  { name: 'SwitchyardRightsPage' },
);

/** What this viewer may do, where, and what stands in the way: with a component in the address on that one, else at all. */
export function RightsPage() {
  const classes = useStyles();
  const [query, setQuery] = useSearchParams();
  const asked = query.get('entity') ?? '';
  const entityRef = toRef(asked);
  const choose = (ref: string | undefined) => {
    const next = new URLSearchParams(query);
    if (ref) next.set('entity', ref);
    else next.delete('entity');
    setQuery(next);
  };
  return (
    <Content>
      <div className={classes.root}>
        <div>
          <Typography variant="h5" component="h2">
            {entityRef ? (
              <>
                What may I do with{' '}
                <EntityRefLink entityRef={entityRef} defaultKind="component" />?
              </>
            ) : (
              'What may I do?'
            )}
          </Typography>
          <Typography variant="body2">
            {entityRef
              ? 'As it is now, from the same decision that the buttons show and that is made again before each effect.'
              : 'By permissions and policies. Locks, sync windows and consent are looked at for one component.'}
          </Typography>
        </div>
        {/* Labels are too pale for the ground of the page. */}
        <Paper className={classes.paper}>
          <ComponentForm asked={asked} onChoose={choose} />
          {entityRef ? (
            <EntityRights entityRef={entityRef} />
          ) : (
            <GeneralRights />
          )}
        </Paper>
      </div>
    </Content>
  );
}

function ComponentForm(props: {
  asked: string;
  onChoose(ref: string | undefined): void;
}) {
  const { asked, onChoose } = props;
  const classes = useStyles();
  const [text, setText] = useState(asked);
  // The back button changes the address.
  useEffect(() => setText(asked), [asked]);
  const wrong = text.trim() !== '' && toRef(text) === undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) onChoose(toRef(text));
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextField
        className={classes.field}
        id="rights-component"
        label="Component"
        size="small"
        variant="outlined"
        value={text}
        onChange={event => setText(event.target.value)}
        error={wrong}
        helperText={
          wrong
            ? 'Give a name, such as orders or component:default/orders'
            : 'Empty: what I may do at all'
        }
      />
      <ActionButton
        type="submit"
        variant="outlined"
        className={classes.button}
        disabled={wrong}
      >
        Show
      </ActionButton>
    </form>
  );
}

const NAME = /^[\w.-]+$/;

/** Undefined for what is no name of a component. */
function toRef(text: string): string | undefined {
  try {
    const parts = parseEntityRef(text.trim(), {
      defaultKind: 'component',
      defaultNamespace: 'default',
    });
    return Object.values(parts).every(part => NAME.test(part))
      ? stringifyEntityRef(parts)
      : undefined;
  } catch {
    return undefined;
  }
}
