/** The columns of the pods table. Widths are fixed, or they would change with the rows that happen to be in sight. */
export const columns = [
  { title: 'Pod', width: '26%' },
  // The longest word there is, CrashLoopBackOff, fits in.
  { title: 'State', width: '20%' },
  { title: 'Version', width: '14%' },
  { title: 'Restarts', width: '10%' },
  { title: 'Age', width: '9%' },
  { title: 'Node', width: '11%' },
  { title: 'Actions', width: '10%' },
];

/** How many columns the rows of groups span. */
export const COLUMN_COUNT = columns.length;
