export {
  ApprovalDetails,
  ApprovalWord,
  type ApprovalDetailsProps,
} from './ApprovalDetails';
