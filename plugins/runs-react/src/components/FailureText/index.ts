export { FailureText, type FailureTextProps } from './FailureText';
export { describeFailure, type Failure } from './describeFailure';
