export { OpenHandles } from './OpenHandles';
