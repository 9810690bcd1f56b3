export { readRegistries, type RegistryAccess } from './config';
export { RegistryError, type RegistryErrorCode } from './errors';
export { HttpRegistryClient } from './HttpRegistryClient';
export { SharedAnswers } from './SharedAnswers';
export type { ImageDetails, RegistryClient } from './types';
