/** The columns of the pods table. Widths are fixed, or they would change with the rows that happen to be in sight. */
export const columns = [
  { title: 'Pod', width: '28%' },
  { title: 'State', width: '19%' },
  { title: 'Version', width: '12%' },
  { title: 'Restarts', width: '11%' },
  { title: 'Age', width: '9%' },
  { title: 'Node', width: '11%' },
  { title: 'Actions', width: '10%' },
];

/** How many columns the rows of groups span. */
export const COLUMN_COUNT = columns.length;
