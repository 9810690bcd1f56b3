export { fleetServiceRef } from './fleetServiceRef';
