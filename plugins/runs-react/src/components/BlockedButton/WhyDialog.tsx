import Dialog from '@material-ui/core/Dialog';
import DialogActions from '@material-ui/core/DialogActions';
import DialogContent from '@material-ui/core/DialogContent';
import DialogTitle from '@material-ui/core/DialogTitle';
import { useStableId } from '../../hooks/useStableId';
import { ActionButton } from '../ActionButton';
import { BlockerList } from '../BlockerList';
import type { BlockedButtonAction } from './BlockedButton';

/** @public */
export interface WhyDialogProps {
  open: boolean;
  action: Pick<BlockedButtonAction, 'title' | 'blockers'>;
  onClose(): void;
  /** Where this person could have it let through in an emergency: begins to. */
  onBreakGlass?(): void;
}

/**
 * All that stands in the way of an action. For screens whose button is none, such as the item of a menu.
 *
 * @public
 */
export function WhyDialog(props: WhyDialogProps) {
  const { open, action, onClose, onBreakGlass } = props;
  const titleId = useStableId('why');
  return (
    <Dialog open={open} onClose={onClose} aria-labelledby={titleId} fullWidth>
      <DialogTitle id={titleId}>{action.title} is not possible now</DialogTitle>
      <DialogContent>
        <BlockerList blockers={action.blockers} />
      </DialogContent>
      <DialogActions>
        {onBreakGlass && (
          <ActionButton
            onClick={() => {
              onClose();
              onBreakGlass();
            }}
          >
            Break the glass…
          </ActionButton>
        )}
        <ActionButton onClick={onClose} color="primary">
          Close
        </ActionButton>
      </DialogActions>
    </Dialog>
  );
}
