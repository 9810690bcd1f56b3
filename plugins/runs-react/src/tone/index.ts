export { quietColor, toneColor, type Tone } from './tone';
