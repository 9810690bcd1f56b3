import fs from 'node:fs';
import { runFile } from './paths.mjs';
import { PlainError } from './plainError.mjs';

/** Prints a Backstage token of a person of the sandbox, for curl. Refuses outside the sandbox: there is no picking of people there. */
export async function printToken([person]) {
  if (!person)
    throw new PlainError(
      'Whose token? For example: npm run --silent token -- dana',
    );
  let portal;
  try {
    portal = JSON.parse(
      fs.readFileSync(process.env.SWITCHYARD_RUN_FILE ?? runFile, 'utf8'),
    );
  } catch {
    throw new PlainError('The portal does not run. Start it with: npm start');
  }
  if (!portal.sandbox)
    throw new PlainError(
      'This portal runs against real systems: sign in there. Tokens are printed for people of the sandbox only.',
    );
  console.log(await tokenOf(portal.url, person));
}

/** A token for a person of the sandbox, from the running portal. */
export async function tokenOf(url, person) {
  const response = await fetch(`${url}/api/auth/sandbox/refresh`, {
    headers: {
      'x-switchyard-person': person,
      'x-requested-with': 'XMLHttpRequest',
    },
  }).catch(() => {
    throw new PlainError(
      `Nothing answers at ${url}. Start the portal with: npm start`,
    );
  });
  const body = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new PlainError(
      `'${person}' cannot sign in: ${body.error?.message ?? response.status}`,
    );
  return body.backstageIdentity.token;
}
