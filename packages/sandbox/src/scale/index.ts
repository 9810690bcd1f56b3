export type { ScaleCounts, ScaleHandle } from './startScaleWorld';
