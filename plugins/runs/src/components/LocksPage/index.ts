export { LocksPage } from './LocksPage';
