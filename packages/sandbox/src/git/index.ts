export * from './BareRepository';
export * from './gitServer';
export * from './seedRepositories';
