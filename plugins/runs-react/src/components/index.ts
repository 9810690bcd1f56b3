export { ActionButton, type ActionButtonProps } from './ActionButton';
export { ActionWalk, type ActionWalkProps } from './ActionWalk';
export {
  ApprovalDetails,
  ApprovalWord,
  type ApprovalDetailsProps,
} from './ApprovalDetails';
export {
  AgeText,
  ElapsedText,
  formatExact,
  formatSpan,
  type AgeTextProps,
  type ElapsedTextProps,
} from './AgeText';
export {
  BlockedButton,
  type BlockedButtonProps,
  type BlockedButtonAction,
  WhyDialog,
  type WhyDialogProps,
} from './BlockedButton';
export { BlockerList, RefPhrases, type BlockerListProps } from './BlockerList';
export {
  BreakGlassTerms,
  IncidentField,
  type BreakGlassTermsProps,
} from './BreakGlassTerms';
export { ChangeDiff, type ChangeDiffProps } from './ChangeDiff';
export { ChangeList, type ChangeListProps } from './ChangeList';
export { CopyButton, type CopyButtonProps } from './CopyButton';
export { FailureText, type FailureTextProps } from './FailureText';
export { hiddenText } from './hiddenText';
export {
  describeLock,
  describeLockPlace,
  forbidsNow,
  LockDialog,
  LockList,
  LocksSection,
  type LockDialogProps,
  type LockListProps,
  type LocksSectionProps,
} from './LocksSection';
export { EntityRunStrips, type EntityRunStripsProps } from './EntityRunStrips';
export { toUserRef } from './toUserRef';
export { RunStepView, type RunStepViewProps } from './RunStepView';
export { RunStrip, describeProgress, type RunStripProps } from './RunStrip';
export { RunTable, type RunTableProps } from './RunTable';
export {
  BreakGlassWord,
  OverdueWord,
  RunStatusWord,
  StatusWord,
  StepStatusWord,
  stepTone,
  type StatusWordProps,
} from './StatusWord';
