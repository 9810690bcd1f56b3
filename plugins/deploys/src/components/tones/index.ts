export { argocdTone, summaryTone } from './tones';
