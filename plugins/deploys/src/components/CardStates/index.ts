export { CardFailure } from './CardFailure';
export { CardSkeleton } from './CardSkeleton';
