export * from './overrideMark';
