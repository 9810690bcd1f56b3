export { Freshness } from './Freshness';
export {
  describeSource,
  formatClock,
  type SourceWords,
} from './describeSource';
