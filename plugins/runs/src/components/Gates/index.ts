export { GatesSection } from './GatesSection';
export { GateView } from './GateView';
