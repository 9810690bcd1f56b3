export { LocksSection, type LocksSectionProps } from './LocksSection';
export { LockDialog, type LockDialogProps } from './LockDialog';
