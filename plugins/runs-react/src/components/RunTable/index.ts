export { RunTable, type RunTableProps } from './RunTable';
