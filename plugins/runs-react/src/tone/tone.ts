import { Theme } from '@material-ui/core/styles';
import {
  alpha,
  darken,
  getContrastRatio,
  lighten,
} from '@material-ui/core/styles/colorManipulator';

/**
 * What a state means to a person, apart from its word. One tone has one shape and one colour everywhere.
 *
 * - `ok`: nothing to do. `active`: something is being done. `waiting`: it needs time or a turn.
 * - `attention`: a person should look. `error`: it is broken. `neutral`: it is over, or says nothing.
 *
 * @public
 */
export type Tone =
  | 'ok'
  | 'active'
  | 'waiting'
  | 'attention'
  | 'error'
  | 'neutral';

/**
 * AA asks for 4.5 with text of normal size. The colour must also do on surfaces a little darker or lighter than the one that is known here: striped
 * and selected rows, the page itself.
 */
const MIN_CONTRAST = 5.5;
const QUIET_ALPHA = 0.7;
const STEP = 0.08;

/**
 * The colour of a tone as text on `background` (default: paper), taken from the theme and shifted until it can be read.
 *
 * @public
 */
export function toneColor(
  theme: Theme,
  tone: Tone,
  background?: string,
): string {
  const { palette } = theme;
  const base: Record<Tone, string> = {
    ok: palette.success.main,
    active: palette.info.main,
    waiting: quietColor(theme),
    attention: palette.warning.main,
    error: palette.error.main,
    neutral: quietColor(theme),
  };
  return readableColor(
    base[tone],
    background ?? palette.background.paper,
    palette.text.primary,
  );
}

/**
 * The colour of text that stands back. The theme's own secondary colour is below AA on the page and on coloured rows.
 *
 * @public
 */
export function quietColor(theme: Theme): string {
  const { primary, secondary } = theme.palette.text;
  try {
    return alpha(primary, QUIET_ALPHA);
  } catch {
    return secondary;
  }
}

/** `color`, darker or lighter by as little as it takes to be read on `background`; `fallback` where a colour cannot be computed with. */
export function readableColor(
  color: string,
  background: string,
  fallback: string,
): string {
  try {
    const shift =
      getContrastRatio('#fff', background) >
      getContrastRatio('#000', background)
        ? lighten
        : darken;
    for (let amount = 0; amount < 1; amount += STEP) {
      const candidate = amount === 0 ? color : shift(color, amount);
      if (getContrastRatio(candidate, background) >= MIN_CONTRAST)
        return candidate;
    }
    return fallback;
  } catch {
    // A theme of CSS variables or colour names.
    return fallback;
  }
}
