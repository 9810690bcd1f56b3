export { HotfixForm } from './HotfixForm';
