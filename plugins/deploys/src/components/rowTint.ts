import { alpha, Theme } from '@material-ui/core/styles';

/** Colour of a row that is pointed at or heads others. Fainter than the theme's hover colour, on which secondary text could not be read (AA). */
export function rowTint(theme: Theme): string {
  return alpha(theme.palette.text.primary, 0.025);
}
