export { NotThere } from './NotThere';
