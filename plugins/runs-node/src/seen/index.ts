export { Believed } from './Believed';
export { SeenEntities } from './SeenEntities';
