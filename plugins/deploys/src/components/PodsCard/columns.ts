/** The columns of the pods table. Widths are fixed, or they would change with the rows that happen to be in sight. */
export const columns = [
  { title: 'Pod', width: '22%' },
  // The longest word there is, CrashLoopBackOff, fits in.
  { title: 'State', width: '20%' },
  { title: 'Version', width: '12.5%' },
  { title: 'Restarts', width: '9.5%' },
  { title: 'Age', width: '9.5%' },
  // The name of a node in EC2, ip-10-16-128-48, fits on one line.
  { title: 'Node', width: '16%' },
  { title: 'Actions', width: '10.5%' },
];

/** How many columns the rows of groups span. */
export const COLUMN_COUNT = columns.length;
