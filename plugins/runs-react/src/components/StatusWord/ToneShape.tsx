import { ReactNode } from 'react';
import { Tone } from '../../tone';

/** One outline per tone, so that a state can be told without its colour. */
const shapes: Record<Tone, ReactNode> = {
  ok: (
    <path
      d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1Zm3.5 3.9-4.6 4.9-2.3-2.3-1.2 1.2 3.5 3.6 5.8-6.2-1.2-1.2Z"
      fillRule="evenodd"
    />
  ),
  active: (
    <>
      <circle
        cx="8"
        cy="8"
        r="6"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        opacity="0.35"
      />
      <path
        d="M8 2a6 6 0 0 1 6 6"
        fill="none"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
      />
    </>
  ),
  waiting: (
    <>
      <circle
        cx="8"
        cy="8"
        r="6.2"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
      />
      <path
        d="M8 4.6V8l2.4 1.6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
      />
    </>
  ),
  attention: (
    <path
      d="M8 1.2 15.4 14.4H.6L8 1.2Zm-.9 4.6v4.3h1.8V5.8H7.1Zm0 5.4v1.7h1.8v-1.7H7.1Z"
      fillRule="evenodd"
    />
  ),
  error: (
    <path
      d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1L5.1 1Zm.4 3.4L4.4 5.5 6.9 8l-2.5 2.5 1.1 1.1L8 9.1l2.5 2.5 1.1-1.1L9.1 8l2.5-2.5-1.1-1.1L8 6.9 5.5 4.4Z"
      fillRule="evenodd"
    />
  ),
  neutral: (
    <path
      d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1ZM4.5 7.1v1.8h7V7.1h-7Z"
      fillRule="evenodd"
    />
  ),
};

/** The shape of a tone, in the colour of the text around it. It says nothing to a screen reader: the word beside it does. */
export function ToneShape(props: { tone: Tone; size?: number }) {
  const { tone, size = 14 } = props;
  return (
    <svg
      viewBox="0 0 16 16"
      fill="currentColor"
      aria-hidden="true"
      focusable="false"
      // Beside the first line, also where the words take several.
      style={{
        // Grows with large type.
        width: `max(${size}px, 0.8em)`,
        height: `max(${size}px, 0.8em)`,
        flex: 'none',
        alignSelf: 'baseline',
        position: 'relative',
        top: 2,
      }}
    >
      {shapes[tone]}
    </svg>
  );
}
