export {
  BlockedButton,
  type BlockedButtonProps,
  type BlockedButtonAction,
} from './BlockedButton';
export { WhyDialog, type WhyDialogProps } from './WhyDialog';
