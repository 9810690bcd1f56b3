export { notFound } from './notFound';
