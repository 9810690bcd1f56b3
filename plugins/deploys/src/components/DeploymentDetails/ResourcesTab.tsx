import IconButton from '@material-ui/core/IconButton';
import { makeStyles } from '@material-ui/core/styles';
import Typography from '@material-ui/core/Typography';
import ExpandIcon from '@material-ui/icons/ChevronRight';
import CollapseIcon from '@material-ui/icons/ExpandMore';
import {
  DeploymentTree,
  TreeNode,
} from '@switchyard/backstage-plugin-deploys-common';
import {
  ActionButton,
  AgeText,
  StatusWord,
} from '@switchyard/backstage-plugin-runs-react';
import { useState } from 'react';
import { argocdTone } from '../tones';
import { useDetailsStyles } from './useDetailsStyles';

/** Of one parent, before 'and 37 more'. */
const MAX_SIBLINGS = 50;

const useStyles = makeStyles(
  theme => ({
    below: { paddingLeft: theme.spacing(3) },
    node: { display: 'flex', alignItems: 'flex-start', minWidth: 0 },
    // As wide as the button of those that can be opened.
    leaf: { flex: '0 0 30px' },
    words: { minWidth: 0, paddingTop: 3 },
    name: { overflowWrap: 'anywhere' },
  }),
  { name: 'SwitchyardResourcesTab' },
);

/** What Git has and what that made, each with Argo CD's word for its health; what is unhealthy stands first and open. */
export function ResourcesTab(props: { tree: DeploymentTree }) {
  const { roots, more } = props.tree;
  const classes = useDetailsStyles();
  if (roots.length === 0) {
    return (
      <Typography variant="body2">
        None: Argo CD knows no resource of this Application.
      </Typography>
    );
  }
  return (
    <div className={classes.stack}>
      <Nodes nodes={roots} label="Resources" />
      {more > 0 && (
        <div className={classes.quiet}>and {more} more, in Argo CD</div>
      )}
    </div>
  );
}

function Nodes(props: { nodes: TreeNode[]; label: string }) {
  const { nodes, label } = props;
  const classes = useDetailsStyles();
  const [all, setAll] = useState(false);
  const shown = all ? nodes : nodes.slice(0, MAX_SIBLINGS);
  return (
    <ul className={classes.list} aria-label={label}>
      {shown.map(node => (
        <Node
          key={`${node.group}/${node.kind}/${node.namespace}/${node.name}`}
          node={node}
        />
      ))}
      {shown.length < nodes.length && (
        <li>
          <ActionButton size="small" onClick={() => setAll(true)}>
            Show {nodes.length - shown.length} more
          </ActionButton>
        </li>
      )}
    </ul>
  );
}

function Node(props: { node: TreeNode }) {
  const { node } = props;
  const classes = useStyles();
  const common = useDetailsStyles();
  const hasChildren = node.children.length > 0;
  // Decided once: what gets well while somebody reads it must not close.
  const [open, setOpen] = useState(() => hasTrouble(node.children));
  const title = `${node.kind} ${node.name}`;
  return (
    <li>
      <div className={classes.node}>
        {hasChildren ? (
          <IconButton
            size="small"
            aria-expanded={open}
            aria-label={`What ${title} made`}
            onClick={() => setOpen(!open)}
          >
            {open ? <CollapseIcon /> : <ExpandIcon />}
          </IconButton>
        ) : (
          <span className={classes.leaf} />
        )}
        <div className={classes.words}>
          <div className={common.line}>
            <span className={classes.name}>{title}</span>
            {node.sync && node.sync !== 'Synced' && (
              <StatusWord tone={argocdTone(node.sync)}>{node.sync}</StatusWord>
            )}
            {node.health && (
              <StatusWord tone={argocdTone(node.health)}>
                {node.health}
              </StatusWord>
            )}
            {node.createdAt && (
              <span className={common.quiet}>
                <AgeText at={node.createdAt} />
              </span>
            )}
          </div>
          {node.message && <div className={common.quiet}>{node.message}</div>}
        </div>
      </div>
      {hasChildren && open && (
        <div className={classes.below}>
          <Nodes nodes={node.children} label={`What ${title} made`} />
        </div>
      )}
    </li>
  );
}

function hasTrouble(nodes: TreeNode[]): boolean {
  return nodes.some(
    ({ health, children }) =>
      (health !== undefined && health !== 'Healthy') || hasTrouble(children),
  );
}
