export * from './backend';
export * from './BellSignals';
export * from './renderOrders';
export * from './states';
