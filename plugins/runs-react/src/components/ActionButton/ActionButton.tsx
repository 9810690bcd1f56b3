import { Link, LinkProps } from '@backstage/core-components';
import Button, { ButtonProps } from '@material-ui/core/Button';
import { makeStyles } from '@material-ui/core/styles';
import { forwardRef } from 'react';

const useStyles = makeStyles(
  {
    root: { textTransform: 'none' },
    // A long effect, such as the title of a plan, wraps on a phone.
    label: { textAlign: 'center', overflowWrap: 'anywhere' },
  },
  { name: 'SwitchyardActionButton' },
);

// A link's own colour would win over the button's: blue words on a blue button.
const ButtonLink = forwardRef<HTMLAnchorElement, LinkProps>((props, ref) => (
  <Link {...props} ref={ref} color="initial" />
));

/** @public */
export interface ActionButtonProps
  extends Omit<ButtonProps, 'classes' | 'ref' | 'href'> {
  /** Makes it a link to a page of the portal that looks like a button. */
  to?: string;
}

/**
 * A button that keeps the case of its words: 'Ship v5.3.25' is not 'SHIP V5.3.25'.
 *
 * @public
 */
export function ActionButton(props: ActionButtonProps) {
  const { to, ...buttonProps } = props;
  const classes = useStyles();
  // What leads to a page is a link, also to screen readers: Material UI would call it a button.
  const link =
    to === undefined ? {} : { component: ButtonLink, to, role: undefined };
  return <Button {...buttonProps} {...link} classes={classes} />;
}
