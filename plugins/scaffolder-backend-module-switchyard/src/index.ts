/**
 * Template actions of Switchyard for the scaffolder: they ask for runs as the person who started the task, and wait for them.
 *
 * @packageDocumentation
 */
export {
  scaffolderModuleSwitchyard,
  scaffolderModuleSwitchyard as default,
} from './module';
