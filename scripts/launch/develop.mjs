import { startPortal } from './portal.mjs';

/** `yarn start`: the portal with hot reload. The front end comes from its development server; the backend starts again on changes. */
export async function main(args) {
  await startPortal(args, { develop: true });
}
