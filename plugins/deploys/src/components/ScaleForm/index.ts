export { ScaleForm } from './ScaleForm';
