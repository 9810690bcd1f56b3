export * from './BareRepository';
export * from './Forge';
export * from './gitServer';
export * from './seedRepositories';
