export { LocksSection, type LocksSectionProps } from './LocksSection';
export { LockDialog, type LockDialogProps } from './LockDialog';
export { describeLock, describeLockPlace, forbidsNow } from './lockWords';
export { LockList, type LockListProps } from './LockList';
