export { lookUpPlace, setTags, type PlaceNow } from './imagePlaces';
export { UneditableError } from './replaceScalar';
export { isInside, repositoryPath } from './repositoryPath';
export { searchImage } from './searchImage';
export type {
  AffectedObject,
  ImagePlace,
  ImageSearch,
  ManifestFiles,
  ManifestProblem,
  ManifestSource,
  WantedImage,
} from './types';
export { unifiedDiff } from './unifiedDiff';
