export { LocksCard } from './LocksCard';
