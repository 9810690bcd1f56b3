import { lookUpPlace, pinText, wantedPinText } from '../manifests';
import { PlannedEdit } from '../hotfix/types';

/** A place that no longer says what it said when the plan was made, nor what the plan wants. */
export interface Difference {
  file: string;
  what: string;
  planned: string | null;
  /** Undefined when the place is gone. */
  now: string | null | undefined;
  /** What the place says in a text of the file; undefined when it is not there. */
  valueIn(text: string | undefined): string | null | undefined;
}

/** Compares the fields that a plan edits with what it found there. */
export function compareWithPlan(
  text: string | undefined,
  edit: PlannedEdit,
): Difference[] {
  return edit.places.flatMap(place => {
    const valueIn = (
      content: string | undefined,
    ): string | null | undefined => {
      if (content === undefined) return undefined;
      const found = lookUpPlace(
        content,
        { file: edit.file, id: place.id },
        edit.wanted,
      );
      if (found.state === 'gone') return undefined;
      return pinText(found);
    };
    const now = valueIn(text);
    if (now === place.before || isDone(text, edit, place.id)) return [];
    return [
      {
        file: edit.file,
        what: place.what,
        planned: place.before,
        now,
        valueIn,
      },
    ];
  });
}

function isDone(text: string | undefined, edit: PlannedEdit, id: string) {
  if (text === undefined) return false;
  const found = lookUpPlace(text, { file: edit.file, id }, edit.wanted);
  return (
    found.state === 'there' && pinText(found) === wantedPinText(found, edit)
  );
}

export function describeDifference(
  { file, what, planned, now }: Difference,
  repository: string,
): string {
  const place = `${what} in ${repository}/${file}`;
  return now === undefined
    ? `${place} is gone`
    : `${place} names ${now ?? 'no tag'} instead of ${planned ?? 'no tag'}`;
}
