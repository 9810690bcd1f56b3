/**
 * Action kinds of deploys for the runs backend: `hotfix`, with its steps and effects, and the facts that the interlock needs for it.
 *
 * @packageDocumentation
 */
export { runsModuleDeploys, runsModuleDeploys as default } from './module';
