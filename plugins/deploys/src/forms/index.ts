export { deploysActionForms } from './deploysActionForms';
