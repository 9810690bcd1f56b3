/** People call each other and their teams by name; whoever is not from the usual place keeps the whole ref. */
export function shortName(ref: string): string {
  return ref.replace(/^(user|group):default\//, '');
}
