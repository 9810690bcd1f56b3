export {
  isImageTag,
  normalizeImageRepository,
  parseImageReference,
  type ImageReference,
} from './imageReference';
