export {
  BreakGlassWord,
  OverdueWord,
  StatusWord,
  RunStatusWord,
  StepStatusWord,
  stepTone,
  type StatusWordProps,
} from './StatusWord';
export { ToneShape } from './ToneShape';
