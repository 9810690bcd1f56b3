export { isWanted, lookUpPlace, setImage, type PlaceNow } from './imagePlaces';
export { pinText, wantedPinText, writeReference } from './pin';
export { UneditableError } from './replaceScalar';
export { isInside, repositoryPath } from './repositoryPath';
export {
  searchHelm,
  type HelmSearch,
  type HelmSource,
  type InlineValue,
  type ValueFile,
} from './searchHelm';
export { searchImage } from './searchImage';
export { type ValuePath } from './valuePlaces';
export type {
  AffectedObject,
  ImagePlace,
  ImageSearch,
  ManifestFiles,
  ManifestProblem,
  ManifestSource,
  NewImage,
  WantedImage,
} from './types';
export { unifiedDiff } from './unifiedDiff';
