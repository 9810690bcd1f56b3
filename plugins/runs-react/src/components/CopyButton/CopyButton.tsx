import IconButton from '@material-ui/core/IconButton';
import Tooltip from '@material-ui/core/Tooltip';
import CheckIcon from '@material-ui/icons/Check';
import CopyIcon from '@material-ui/icons/FileCopyOutlined';
import { useEffect, useState } from 'react';
import useCopyToClipboard from 'react-use/esm/useCopyToClipboard';

const SHOW_RESULT_MS = 2_000;

/** @public */
export interface CopyButtonProps {
  text: string;
  /** What is copied: 'image', 'pod name', 'error text'. */
  label: string;
  className?: string;
}

/**
 * Copies a text, and says that it did.
 *
 * @public
 */
export function CopyButton(props: CopyButtonProps) {
  const { text, label, className } = props;
  const [, copy] = useCopyToClipboard();
  const [copied, setCopied] = useState(false);

  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOW_RESULT_MS);
    return () => clearTimeout(timer);
  }, [copied]);

  return (
    <Tooltip title={copied ? 'Copied' : `Copy ${label}`}>
      <IconButton
        size="small"
        className={className}
        aria-label={copied ? `Copied ${label}` : `Copy ${label}`}
        onClick={event => {
          // Rows around it open or select on click.
          event.stopPropagation();
          copy(text);
          setCopied(true);
        }}
      >
        {copied ? (
          <CheckIcon style={{ fontSize: 16 }} />
        ) : (
          <CopyIcon style={{ fontSize: 16 }} />
        )}
      </IconButton>
    </Tooltip>
  );
}
