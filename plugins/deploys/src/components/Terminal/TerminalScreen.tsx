import { makeStyles, useTheme } from '@material-ui/core/styles';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { forwardRef, useEffect, useImperativeHandle, useRef } from 'react';

/** Lines above the screen that are kept. */
const SCROLLBACK = 5_000;

const useStyles = makeStyles(
  theme => ({
    screen: {
      flex: '1 1 auto',
      minHeight: 240,
      overflow: 'hidden',
      padding: theme.spacing(0.5),
      border: `1px solid ${theme.palette.divider}`,
      '&:focus-within': { outline: `2px solid ${theme.palette.primary.main}` },
    },
  }),
  { name: 'SwitchyardTerminalScreen' },
);

/** What the outside does with a screen. */
export interface TerminalHandle {
  write(data: Uint8Array): void;
  clear(): void;
  focus(): void;
}

/** The screen of a terminal. It is drawn by xterm. */
export const TerminalScreen = forwardRef<
  TerminalHandle,
  {
    label: string;
    /** Whether what is typed has somewhere to go. */
    active: boolean;
    screenReader: boolean;
    onType(text: string): void;
    onResize(size: { columns: number; rows: number }): void;
  }
>((props, ref) => {
  const { label, active, screenReader, onType, onResize } = props;
  const classes = useStyles();
  const { palette } = useTheme();
  const place = useRef<HTMLDivElement>(null);
  const terminal = useRef<Terminal>();
  const calls = useRef({ onType, onResize });
  calls.current = { onType, onResize };

  useEffect(() => {
    const element = place.current!;
    const screen = new Terminal({
      scrollback: SCROLLBACK,
      fontSize: 13,
      fontFamily: 'monospace',
    });
    const fit = new FitAddon();
    screen.loadAddon(fit);
    screen.open(element);
    screen.onData(text => calls.current.onType(text));
    screen.onResize(({ cols, rows }) =>
      calls.current.onResize({ columns: cols, rows }),
    );
    // Tab belongs to the shell: without this the keyboard could not leave.
    screen.attachCustomKeyEventHandler(event => {
      const leaves =
        event.ctrlKey && event.shiftKey && event.key.toLowerCase() === 'e';
      if (leaves && event.type === 'keydown') {
        event.preventDefault();
        screen.blur();
        element
          .closest('[role=dialog]')
          ?.querySelector<HTMLElement>('button')
          ?.focus();
      }
      return !leaves;
    });
    const observer = new ResizeObserver(() => fit.fit());
    observer.observe(element);
    terminal.current = screen;
    return () => {
      observer.disconnect();
      screen.dispose();
      terminal.current = undefined;
    };
  }, []);
  useEffect(() => {
    const screen = terminal.current!;
    screen.options.disableStdin = !active;
    screen.options.screenReaderMode = screenReader;
    screen.options.theme = {
      background: palette.background.paper,
      foreground: palette.text.primary,
      cursor: palette.text.primary,
      selectionBackground: palette.action.selected,
    };
    screen.textarea?.setAttribute('aria-label', label);
    // What the shell believes is the size from before it was there.
    if (active)
      calls.current.onResize({ columns: screen.cols, rows: screen.rows });
  }, [active, screenReader, palette, label]);
  useImperativeHandle(ref, () => ({
    write: data => terminal.current?.write(data),
    clear: () => terminal.current?.reset(),
    focus: () => terminal.current?.focus(),
  }));
  return <div ref={place} className={classes.screen} />;
});
