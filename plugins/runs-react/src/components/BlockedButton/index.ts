export {
  BlockedButton,
  type BlockedButtonProps,
  type BlockedButtonAction,
} from './BlockedButton';
