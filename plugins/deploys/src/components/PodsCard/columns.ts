/** The columns of the pods table. Widths are fixed, or they would change with the rows that happen to be in sight. */
export const columns = [
  { title: 'Pod', width: '21.5%' },
  // The longest word there is, CrashLoopBackOff, fits in.
  { title: 'State', width: '19.5%' },
  { title: 'Version', width: '10.5%' },
  { title: 'Restarts', width: '9%' },
  { title: 'Age', width: '6.5%' },
  // The name of a node in EC2, ip-10-16-128-48, fits on one line beside the other cards of an overview.
  { title: 'Node', width: '14.5%' },
  // All buttons on one line of a wide card, on two of a narrow one: they must not make rows higher than what the pod has to say.
  { title: 'Actions', width: '18.5%' },
];

/** How many columns the rows of groups span. */
export const COLUMN_COUNT = columns.length;
