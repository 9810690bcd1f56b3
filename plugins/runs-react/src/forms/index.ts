export {
  actionFormsApiRef,
  type ActionForm,
  type ActionFormProps,
  type ActionForms,
} from './actionForms';
