export { RunStrip, describeProgress, type RunStripProps } from './RunStrip';
