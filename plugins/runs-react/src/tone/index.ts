export { toneColor, type Tone } from './tone';
