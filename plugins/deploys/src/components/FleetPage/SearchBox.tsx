import { Link } from '@backstage/core-components';
import Paper from '@material-ui/core/Paper';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import { FleetSearchHit } from '@switchyard/backstage-plugin-deploys-common';
import {
  hiddenText,
  quietColor,
} from '@switchyard/backstage-plugin-runs-react';
import { FocusEvent, KeyboardEvent, useState } from 'react';
import { useFleetSearch } from '../../fleet/useFleetSearch';
import { otherKind, shortRef } from '../../fleet/words';
import { useDeployHref } from './useDeployHref';

const MAX_SHOWN = 12;

const useStyles = makeStyles(
  theme => ({
    root: { position: 'relative', flex: '1 1 20rem', minWidth: '14rem' },
    label: { color: quietColor(theme) },
    hits: {
      position: 'absolute',
      top: '100%',
      left: 0,
      right: 0,
      zIndex: theme.zIndex.modal,
      maxHeight: '60vh',
      overflowY: 'auto',
      padding: theme.spacing(1),
    },
    list: { listStyle: 'none', margin: 0, padding: 0 },
    hit: { padding: theme.spacing(0.5, 0.5), overflowWrap: 'anywhere' },
    quiet: {
      color: quietColor(theme),
      fontSize: theme.typography.caption.fontSize,
    },
    hidden: hiddenText,
  }),
  { name: 'SwitchyardFleetSearchBox' },
);

const typeWords: Record<FleetSearchHit['type'], string> = {
  component: 'Component',
  application: 'Application',
  pod: 'Pod',
  image: 'Image',
  revision: 'Commit',
};

/** Narrows the lines of the page by what they show, and finds pods, images and commits in the fleet, which lines do not show. */
export function SearchBox(props: {
  text: string;
  onChange(text: string): void;
}) {
  const { text, onChange } = props;
  const classes = useStyles();
  const [isOpen, setOpen] = useState(false);
  const { result, error } = useFleetSearch(text);
  // Applications are lines of the page: it shows them itself.
  const hits = (result?.items ?? []).filter(
    ({ type }) => type !== 'application',
  );
  const isShown = isOpen && (hits.length > 0 || error !== undefined);
  const close = (event: FocusEvent) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setOpen(false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && isShown) {
      event.stopPropagation();
      setOpen(false);
    }
  };
  return (
    // Closes with Esc and when the focus leaves; it takes no part in the focus order itself.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className={classes.root} onBlur={close} onKeyDown={onKeyDown}>
      <TextField
        id="fleet-search"
        type="search"
        fullWidth
        size="small"
        variant="outlined"
        label="Component, pod, image, commit"
        InputLabelProps={{ className: classes.label }}
        inputProps={{
          autoComplete: 'off',
          spellCheck: false,
          // Names nothing while nothing is shown.
          'aria-controls': isShown ? 'fleet-search-hits' : undefined,
        }}
        value={text}
        onFocus={() => setOpen(true)}
        onChange={event => {
          setOpen(true);
          onChange(event.target.value);
        }}
      />
      <div role="status" className={classes.hidden}>
        {isShown && hits.length > 0
          ? 'Pods, images or commits are found; they follow the box'
          : ''}
      </div>
      {isShown && (
        <Paper
          id="fleet-search-hits"
          elevation={8}
          className={classes.hits}
          role="region"
          aria-label="Found in the fleet"
        >
          {error && (
            <div role="alert">
              Pods, images and commits cannot be searched: {error.message}
            </div>
          )}
          <ul className={classes.list}>
            {hits.slice(0, MAX_SHOWN).map(hit => (
              <Hit key={JSON.stringify(hit)} hit={hit} />
            ))}
          </ul>
          {(result?.more || hits.length > MAX_SHOWN) && (
            <div className={classes.quiet}>
              There is more: a longer text finds less.
            </div>
          )}
        </Paper>
      )}
    </div>
  );
}

function Hit(props: { hit: FleetSearchHit }) {
  const { type, text, entityRef, cluster, namespace, application } = props.hit;
  const classes = useStyles();
  const deployHref = useDeployHref();
  const where = [cluster, namespace].filter(Boolean).join(' / ');
  const kind = type === 'component' && entityRef && otherKind(entityRef);
  const word = kind
    ? `${kind[0].toLocaleUpperCase('en-US')}${kind.slice(1)}`
    : typeWords[type];
  const owner = entityRef
    ? `of ${shortRef(entityRef)}`
    : `of ${application ?? ''}, which no entity names`;
  return (
    <li className={classes.hit}>
      <span className={classes.quiet}>{word} </span>
      {entityRef ? <Link to={deployHref(entityRef)}>{text}</Link> : text}
      {type !== 'component' && (
        <div className={classes.quiet}>
          {owner}
          {where && `, ${where}`}
        </div>
      )}
    </li>
  );
}
