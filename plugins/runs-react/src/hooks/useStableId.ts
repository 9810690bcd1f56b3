import { useState } from 'react';

let count = 0;

/** An id for this instance of a component, for labels and descriptions. (React's own `useId` is not in React 17.) */
export function useStableId(what: string): string {
  const [id] = useState(() => {
    count += 1;
    return `switchyard-${what}-${count}`;
  });
  return id;
}
