export { RightsLink } from './RightsLink';
export { RunStrips } from './RunStrips';
