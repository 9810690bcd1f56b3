/** What every row hands to its `tr`: its place for screen readers, and what the virtualizer measures it by. */
export interface RowAttributes {
  'aria-rowindex': number;
  'data-index': number;
  ref: ((element: HTMLTableRowElement | null) => void) | undefined;
}
