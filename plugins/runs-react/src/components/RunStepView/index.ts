export { RunStepView, type RunStepViewProps } from './RunStepView';
