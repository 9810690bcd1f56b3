import { ButtonProps } from '@material-ui/core/Button';
import Link from '@material-ui/core/Link';
import { makeStyles } from '@material-ui/core/styles';
import Tooltip from '@material-ui/core/Tooltip';
import { Blocker } from '@switchyard/backstage-plugin-runs-common';
import { ReactNode, useState } from 'react';
import { ActionButton } from '../ActionButton';
import { useStableId } from '../../hooks/useStableId';
import { orList } from '../BlockerList';
import { hiddenText } from '../hiddenText';
import { WhyDialog } from './WhyDialog';

const useStyles = makeStyles(
  theme => ({
    root: {
      display: 'inline-flex',
      alignItems: 'center',
      columnGap: 8,
      // In a narrow column 'Why?' stands below, and neither breaks.
      flexWrap: 'wrap',
    },
    hidden: hiddenText,
    // As Material UI draws a button that is disabled; this one can be reached, to be asked why.
    blocked: {
      '&&': { color: theme.palette.text.disabled, cursor: 'help' },
    },
  }),
  { name: 'SwitchyardBlockedButton' },
);

/** What a button has to know of the interlock's answer. An `ActionState` fits. @public */
export interface BlockedButtonAction {
  title: string;
  /** False hides the button: this person could never use it. */
  visible?: boolean;
  allowed: boolean;
  blockers: readonly Blocker[];
  /** Whether this person could have it let through in an emergency: the reasons offer what the button does. */
  breakGlass?: boolean;
}

/** @public */
export interface BlockedButtonProps
  extends Pick<
    ButtonProps,
    'variant' | 'color' | 'size' | 'startIcon' | 'endIcon' | 'className'
  > {
  /** Undefined while it is not known yet: the button is disabled without a reason. */
  action: BlockedButtonAction | undefined;
  onClick(): void;
  /** What the button says; default: the action's title. */
  children?: ReactNode;
  /** Disabled for a reason of the screen's own, such as a form that is not filled in. */
  disabled?: boolean;
  /** For rows of tables: no 'Why?' beside it; where it is blocked, the button itself leads to the reasons. */
  compact?: boolean;
}

/**
 * A button that stays when it may not be used: disabled, with the reason and who can change that, and a link to all of it.
 *
 * @public
 */
export function BlockedButton(props: BlockedButtonProps) {
  const { action, onClick, children, disabled, compact, ...buttonProps } =
    props;
  const classes = useStyles();
  const reasonId = useStableId('blocked');
  const [showWhy, setShowWhy] = useState(false);
  if (action?.visible === false) return null;

  const label = children ?? action?.title;
  const blocked = action !== undefined && !action.allowed;
  const asksWhy = blocked && compact;
  const reason = blocked ? explain(action.blockers) : undefined;
  return (
    <span className={classes.root}>
      <Tooltip title={reason ?? ''}>
        {/* A disabled button gets no pointer events: the span around it carries the tooltip. */}
        <span>
          <ActionButton
            {...buttonProps}
            {...(asksWhy
              ? {
                  'aria-disabled': true,
                  className: [buttonProps.className, classes.blocked].join(' '),
                }
              : { disabled: disabled || !action?.allowed })}
            aria-describedby={blocked ? reasonId : undefined}
            onClick={asksWhy ? () => setShowWhy(true) : onClick}
          >
            {label}
          </ActionButton>
        </span>
      </Tooltip>
      {blocked && (
        <>
          <span id={reasonId} className={classes.hidden}>
            {reason}
          </span>
          {!asksWhy && (
            <Link
              component="button"
              type="button"
              variant="body2"
              aria-label={`Why? ${action.title} is not possible now`}
              onClick={() => setShowWhy(true)}
            >
              Why?
            </Link>
          )}
          <WhyDialog
            open={showWhy}
            action={action}
            onClose={() => setShowWhy(false)}
            onBreakGlass={action.breakGlass ? onClick : undefined}
          />
        </>
      )}
    </span>
  );
}

function explain(blockers: readonly Blocker[]): string {
  if (blockers.length === 0) return 'Not possible now.';
  const [first, ...others] = blockers;
  const lifted = first.liftedBy?.length
    ? ` Can be lifted by ${orList(first.liftedBy)}.`
    : '';
  const asked = first.ask?.length ? ` Ask ${orList(first.ask)} for it.` : '';
  const more = others.length > 0 ? ` And ${others.length} more.` : '';
  return `${first.what}: ${first.why}${lifted}${asked}${more}`;
}
