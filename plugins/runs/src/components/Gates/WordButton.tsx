import {
  BlockedButton,
  BlockedButtonProps,
} from '@switchyard/backstage-plugin-runs-react';
import { ReactNode, useState } from 'react';
import { verbAction } from '../verbAction';

/** A button for a word and the dialog that it opens. The dialog stays, also when the word can no longer be said while somebody writes in it. */
export function WordButton<V extends string>(
  props: Omit<BlockedButtonProps, 'action' | 'children' | 'onClick'> & {
    /** What this viewer may say, or could. */
    verbs: ReadonlyArray<{ verb: V; allowed: boolean; why?: string }>;
    verb: V;
    title: string;
    children(dialog: { isOpen: boolean; close(): void }): ReactNode;
  },
) {
  const { verbs, verb, title, children, ...buttonProps } = props;
  const [isOpen, setIsOpen] = useState(false);
  const found = verbs.find(each => each.verb === verb);
  const action = verbAction(found, title);
  return (
    <>
      {action && (
        <BlockedButton
          {...buttonProps}
          action={action}
          onClick={() => setIsOpen(true)}
        >
          {title}…
        </BlockedButton>
      )}
      {children({ isOpen, close: () => setIsOpen(false) })}
    </>
  );
}
