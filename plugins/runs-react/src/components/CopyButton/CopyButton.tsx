import IconButton from '@material-ui/core/IconButton';
import { makeStyles } from '@material-ui/core/styles';
import Tooltip from '@material-ui/core/Tooltip';
import CheckIcon from '@material-ui/icons/Check';
import CloseIcon from '@material-ui/icons/Close';
import CopyIcon from '@material-ui/icons/FileCopyOutlined';
import { ComponentType, useEffect, useState } from 'react';
import { copyText } from './copyText';
import { quietColor } from '../../tone';

const SHOW_RESULT_MS = 2_000;

const useStyles = makeStyles(
  theme => ({
    root: { padding: 3, color: quietColor(theme) },
    icon: { fontSize: 15 },
  }),
  { name: 'SwitchyardCopyButton' },
);

type State = 'ready' | 'copied' | 'failed';

const words: Record<State, string> = {
  ready: 'Copy',
  copied: 'Copied',
  failed: 'Could not copy',
};
const icons: Record<State, ComponentType<{ className?: string }>> = {
  ready: CopyIcon,
  copied: CheckIcon,
  failed: CloseIcon,
};

/** @public */
export interface CopyButtonProps {
  text: string;
  /** What is copied: 'image', 'pod name', 'error text'. */
  label: string;
  className?: string;
}

/**
 * Copies a text, and says whether it did.
 *
 * @public
 */
export function CopyButton(props: CopyButtonProps) {
  const { text, label, className } = props;
  const classes = useStyles();
  const [state, setState] = useState<State>('ready');

  useEffect(() => {
    if (state === 'ready') return undefined;
    const timer = setTimeout(() => setState('ready'), SHOW_RESULT_MS);
    return () => clearTimeout(timer);
  }, [state]);

  const Icon = icons[state];
  const name = `${words[state]} ${label}`;
  return (
    <Tooltip title={name}>
      <IconButton
        size="small"
        className={[classes.root, className].filter(Boolean).join(' ')}
        aria-label={name}
        onClick={async event => {
          // Rows around it open or select on click.
          event.stopPropagation();
          setState((await copyText(text)) ? 'copied' : 'failed');
        }}
      >
        <Icon className={classes.icon} />
      </IconButton>
    </Tooltip>
  );
}
