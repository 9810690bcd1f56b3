import '@testing-library/jest-dom';
import { configure } from '@testing-library/react';

// Whole pages are rendered, often on a machine that is busy with other tests: a second for the first of them is not enough.
const PATIENCE_MS = 10_000;
configure({ asyncUtilTimeout: PATIENCE_MS });
jest.setTimeout(3 * PATIENCE_MS);
