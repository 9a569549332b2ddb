import { createContext, useContext } from 'react';

/** The number of the step that the address points at, 0 when at none: what a link or a find leads to is open. */
export const LinkedEvent = createContext(0);

export function useLinkedEvent(): number {
  return useContext(LinkedEvent);
}
