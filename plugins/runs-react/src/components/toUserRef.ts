/** The ref of whom a person names: 'pia' and 'user:pia' are `user:default/pia`. */
export function toUserRef(text: string): string {
  const name = text
    .trim()
    .toLocaleLowerCase('en-US')
    .replace(/^user:/, '');
  return `user:${name.includes('/') ? name : `default/${name}`}`;
}
