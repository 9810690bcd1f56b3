export { BreakGlassSection } from './BreakGlassSection';
export { PassView } from './PassView';
