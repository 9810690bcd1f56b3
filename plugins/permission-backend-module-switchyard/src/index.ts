/**
 * A permission policy of Switchyard: who may do what, from a table in the config; and its parts, for teams with a policy of their own.
 *
 * @packageDocumentation
 */
export { readAccessConfig } from './accessConfig';
export type { AccessConfig, AccessRow, OtherPermissions } from './accessConfig';
export { decideAccess, isSwitchyardPermission } from './decideAccess';
export { permissionModuleSwitchyard as default } from './module';
