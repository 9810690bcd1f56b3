export { PromoteForm } from './PromoteForm';
