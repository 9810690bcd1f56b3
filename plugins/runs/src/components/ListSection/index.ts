export { ListSection } from './ListSection';
