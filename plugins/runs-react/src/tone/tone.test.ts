import { createTheme } from '@material-ui/core/styles';
import { getContrastRatio } from '@material-ui/core/styles/colorManipulator';
import { palettes } from '@backstage/theme';
import { readableColor, Tone, toneColor } from './tone';

const tones: Tone[] = ['ok', 'active', 'attention', 'error'];

describe('toneColor', () => {
  it.each([
    ['light', palettes.light],
    ['dark', palettes.dark],
  ])('can be read in the %s theme (AA)', (_, palette) => {
    const theme = createTheme({ palette: palette as {} });
    for (const background of [
      theme.palette.background.paper,
      theme.palette.background.default,
    ]) {
      for (const tone of tones) {
        const color = toneColor(theme, tone, background);
        expect(getContrastRatio(color, background)).toBeGreaterThanOrEqual(4.5);
      }
    }
  });

  it('keeps a colour that can be read already', () => {
    expect(readableColor('#000000', '#ffffff', 'red')).toBe('#000000');
  });

  it('falls back where a theme gives no colour to compute with', () => {
    expect(readableColor('var(--x)', '#ffffff', '#111')).toBe('#111');
  });
});
