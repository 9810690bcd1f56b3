export { EntityRunStrips, type EntityRunStripsProps } from './EntityRunStrips';
