export {
  BreakGlassTerms,
  IncidentField,
  type BreakGlassTermsProps,
} from './BreakGlassTerms';
