import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/** A hash of files' names and contents; of folders all files below, without what is built or installed. */
export function hashOf(entries) {
  const hash = crypto.createHash('sha256');
  for (const entry of entries) addTo(hash, entry);
  return hash.digest('hex');
}

function addTo(hash, entry) {
  let stat;
  try {
    stat = fs.statSync(entry);
  } catch {
    hash.update(`missing ${entry}\n`);
    return;
  }
  if (!stat.isDirectory()) {
    hash.update(`${entry}\n`).update(fs.readFileSync(entry));
    return;
  }
  for (const name of fs.readdirSync(entry).sort()) {
    if (['node_modules', 'dist', 'dist-types', 'coverage'].includes(name))
      continue;
    addTo(hash, path.join(entry, name));
  }
}

/** Whether the stamp file says that work was done for this hash. */
export function isStamped(file, hash) {
  try {
    return fs.readFileSync(file, 'utf8') === hash;
  } catch {
    return false;
  }
}

/** Notes that the work was done for this hash. */
export function stamp(file, hash) {
  fs.writeFileSync(file, hash);
}
