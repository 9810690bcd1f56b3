import Checkbox from '@material-ui/core/Checkbox';
import FormControlLabel from '@material-ui/core/FormControlLabel';
import Typography from '@material-ui/core/Typography';
import {
  DeploymentState,
  DeploymentTree,
  TreeNode,
} from '@switchyard/backstage-plugin-deploys-common';
import { Part } from '../DeploymentDetails/Part';
import { usePart } from '../DeploymentDetails/usePart';
import { ChosenResource } from './syncChoice';

/** The resources of an Application that differ from what Git wants, to be chosen from. */
export function OutOfSyncList(props: {
  entityRef: string;
  row: DeploymentState;
  chosen: readonly ChosenResource[];
  onChange(chosen: ChosenResource[]): void;
}) {
  const { entityRef, row, chosen, onChange } = props;
  const { name, sync, revision } = row.application!;
  const tree = usePart({
    entityRef,
    deployment: row.id,
    part: 'tree',
    version: JSON.stringify([sync, revision]),
  });
  return (
    <Part state={tree} what={`the resources of ${name}`}>
      {value => (
        <Resources
          tree={value}
          name={name}
          chosen={chosen}
          onChange={onChange}
        />
      )}
    </Part>
  );
}

function Resources(props: {
  tree: DeploymentTree;
  name: string;
  chosen: readonly ChosenResource[];
  onChange(chosen: ChosenResource[]): void;
}) {
  const { tree, name, chosen, onChange } = props;
  const differing = findOutOfSync(tree.roots);
  return (
    <div role="group" aria-label={`Resources of ${name} that differ`}>
      <Typography variant="subtitle2">{name}</Typography>
      {differing.length === 0 && (
        <Typography variant="body2">
          {tree.more > 0
            ? `None of those that are known; ${tree.more} more are in Argo CD.`
            : 'None: everything is as Git wants it.'}
        </Typography>
      )}
      {differing.map(resource => {
        const isChosen = chosen.some(each => isSame(each, resource));
        return (
          <div key={keyOf(resource)}>
            <FormControlLabel
              control={
                <Checkbox
                  size="small"
                  color="primary"
                  checked={isChosen}
                  onChange={() =>
                    onChange(
                      isChosen
                        ? chosen.filter(each => !isSame(each, resource))
                        : [...chosen, resource],
                    )
                  }
                />
              }
              label={`${resource.kind} ${resource.name}`}
            />
          </div>
        );
      })}
    </div>
  );
}

function findOutOfSync(nodes: readonly TreeNode[]): ChosenResource[] {
  return nodes.flatMap(({ group, kind, namespace, name, sync, children }) => [
    ...(sync === 'OutOfSync'
      ? [{ group, kind, ...(namespace && { namespace }), name }]
      : []),
    ...findOutOfSync(children),
  ]);
}

function isSame(a: ChosenResource, b: ChosenResource): boolean {
  return keyOf(a) === keyOf(b);
}

function keyOf({ group, kind, namespace = '', name }: ChosenResource): string {
  return [group, kind, namespace, name].join('/');
}
