import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// Dialogs, drawers and tables take their time on a busy machine.
configure({ asyncUtilTimeout: 5_000 });
jest.setTimeout(30_000);

// jsdom lays nothing out: without sizes a virtual list would have no room for any row.
const VIEW_PX = 600;
const ROW_PX = 24;

function define(property: string, pixels: (element: HTMLElement) => number) {
  Object.defineProperty(HTMLElement.prototype, property, {
    configurable: true,
    get(this: HTMLElement) {
      return pixels(this);
    },
  });
}
define('clientHeight', () => VIEW_PX);
define('clientWidth', () => VIEW_PX);
define('offsetHeight', element =>
  element.dataset.index === undefined ? VIEW_PX : ROW_PX,
);
