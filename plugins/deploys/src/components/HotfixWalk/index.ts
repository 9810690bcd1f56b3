export { HotfixWalk } from './HotfixWalk';
