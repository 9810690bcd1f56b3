export { RunsRouter } from './RunsRouter';
