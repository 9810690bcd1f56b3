export { BlockerList, type BlockerListProps } from './BlockerList';
export { RefPhrases } from './RefPhrases';
export { orList, shortName } from './refs';
