export { fleetApiRef, type FleetApi, type FleetTable } from './FleetApi';
export { FleetClient } from './FleetClient';
