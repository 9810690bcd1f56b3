export { analysisTone, argocdTone, rolloutTone, summaryTone } from './tones';
