export { ChangeDiff, type ChangeDiffProps } from './ChangeDiff';
