export {
  AgeText,
  ElapsedText,
  type AgeTextProps,
  type ElapsedTextProps,
} from './AgeText';
export { formatExact, formatElapsed, formatSpan } from './time';
