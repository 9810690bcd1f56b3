export * from './images';
export * from './pull';
export * from './registryServer';
