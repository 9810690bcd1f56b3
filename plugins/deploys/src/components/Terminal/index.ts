export { TerminalButtons } from './TerminalButtons';
export { TerminalHost } from './TerminalHost';
