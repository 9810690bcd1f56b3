import { makeStyles } from '@material-ui/core/styles';
import Table from '@material-ui/core/Table';
import TableBody from '@material-ui/core/TableBody';
import TableCell from '@material-ui/core/TableCell';
import TableContainer from '@material-ui/core/TableContainer';
import TableHead from '@material-ui/core/TableHead';
import TableRow from '@material-ui/core/TableRow';
import Skeleton from '@material-ui/lab/Skeleton';
import { useEnvironmentTitle } from '@switchyard/backstage-plugin-runs-react';
import { ReactNode } from 'react';

const useStyles = makeStyles(
  theme => ({
    // The portal's theme breaks words in cells; names and headings must stay whole.
    head: { whiteSpace: 'nowrap', wordBreak: 'normal' },
    name: { verticalAlign: 'top', fontWeight: 600 },
    cell: {
      verticalAlign: 'top',
      minWidth: '16rem',
      '& > * + *': { marginTop: theme.spacing(1) },
    },
  }),
  { name: 'SwitchyardRightsTable' },
);

/** One cell of the table. */
export interface Right {
  action: string;
  title: string;
  environment: string;
}

/** Actions down, environments across. It scrolls inside where the page is narrow. */
export function RightsTable<T extends Right>(props: {
  rights: readonly T[];
  /** What the table is, for screen readers. */
  label: string;
  children(right: T): ReactNode;
}) {
  const { rights, label, children } = props;
  const classes = useStyles();
  const titleOf = useEnvironmentTitle();
  const environments = [...new Set(rights.map(each => each.environment))];
  const actions = [
    ...new Map(rights.map(each => [each.action, each.title])).entries(),
  ];
  return (
    <TableContainer>
      <Table size="small" aria-label={label}>
        <TableHead>
          <TableRow>
            <TableCell className={classes.head}>Action</TableCell>
            {environments.map(name => (
              <TableCell key={name} className={classes.head}>
                {titleOf(name)}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {actions.map(([action, title]) => (
            <TableRow key={action}>
              <TableCell
                component="th"
                role="rowheader"
                scope="row"
                className={`${classes.head} ${classes.name}`}
              >
                {title}
              </TableCell>
              {environments.map(name => {
                const right = rights.find(
                  each => each.action === action && each.environment === name,
                );
                return (
                  <TableCell key={name} className={classes.cell}>
                    {right ? children(right) : 'Makes no sense here'}
                  </TableCell>
                );
              })}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

/** While nothing is known yet. */
export function RightsSkeleton() {
  return (
    <div aria-busy="true" aria-label="Loading what you may do">
      <Skeleton variant="text" width="30%" />
      <Skeleton variant="rect" height={200} />
    </div>
  );
}
