import IconButton from '@material-ui/core/IconButton';
import { makeStyles } from '@material-ui/core/styles';
import TextField from '@material-ui/core/TextField';
import DownIcon from '@material-ui/icons/KeyboardArrowDown';
import UpIcon from '@material-ui/icons/KeyboardArrowUp';
import { LogSearch } from './useLogSearch';

const useStyles = makeStyles(
  {
    search: { flex: '1 1 12rem' },
    found: {
      display: 'inline-flex',
      alignItems: 'center',
      whiteSpace: 'nowrap',
    },
  },
  { name: 'SwitchyardLogSearchField' },
);

/** The field to search in, how often it was found, and the way from match to match. */
export function LogSearchField(props: { search: LogSearch }) {
  const { search } = props;
  const classes = useStyles();
  const { matches, position } = search;
  const count = matches.length.toLocaleString('en-US');
  return (
    <>
      <TextField
        id="switchyard-logs-search"
        type="search"
        size="small"
        variant="outlined"
        label="Search"
        className={classes.search}
        value={search.typed}
        onChange={event => search.setTyped(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') search.move(event.shiftKey ? -1 : 1);
        }}
      />
      {search.text !== '' && (
        <span className={classes.found}>
          <span role="status">
            {position >= 0 ? `${position + 1} of ${count}` : `${count} found`}
          </span>
          <IconButton
            size="small"
            aria-label="Previous match"
            disabled={matches.length === 0}
            onClick={() => search.move(-1)}
          >
            <UpIcon />
          </IconButton>
          <IconButton
            size="small"
            aria-label="Next match"
            disabled={matches.length === 0}
            onClick={() => search.move(1)}
          >
            <DownIcon />
          </IconButton>
        </span>
      )}
    </>
  );
}
