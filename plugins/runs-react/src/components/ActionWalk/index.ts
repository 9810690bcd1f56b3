export { ActionWalk, type ActionWalkProps } from './ActionWalk';
