export { Flash } from './Flash';
