export { WorldNow } from './WorldNow';
