export { ReleaseForm } from './ReleaseForm';
