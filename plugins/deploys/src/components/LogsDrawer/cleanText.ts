/* eslint-disable no-control-regex */
/** Colours, cursor movements, titles and links of terminals. Each part is of a fixed shape: a hostile line costs no more than a plain one. */
const ESCAPES =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[()*+][0-~]|[@-Z\\^_=>78])|\u009b[0-?]*[ -/]*[@-~]/g;
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f]/g;
/** They turn the order of letters around, also of what follows. */
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;
const PICTURES = 0x2400;
const DELETE = 0x7f;
/* eslint-enable no-control-regex */

/** A line of a log as it may be shown: without the escapes of terminals, and with a picture for what cannot be seen. */
export function cleanText(raw: string): string {
  return raw
    .replace(/\r$/, '')
    .replace(ESCAPES, '')
    .replace(CONTROLS, character => {
      const code = character.charCodeAt(0);
      return code === DELETE ? '\u2421' : String.fromCharCode(PICTURES + code);
    })
    .replace(DIRECTIONS, '\uFFFD');
}
