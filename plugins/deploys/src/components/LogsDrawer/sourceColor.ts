import { Theme } from '@material-ui/core/styles';

/** Degrees that stay apart for most eyes, neighbours far from each other. */
const HUES = [210, 30, 280, 150, 340, 190, 55, 250, 100, 5];

/** The colour of the name of a source: readable on the paper of both themes. */
export function sourceColor(source: number, theme: Theme): string {
  const hue = HUES[source % HUES.length];
  return theme.palette.type === 'dark'
    ? `hsl(${hue}, 70%, 80%)`
    : `hsl(${hue}, 80%, 28%)`;
}
