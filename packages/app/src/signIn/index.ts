export { signIn } from './signIn';
