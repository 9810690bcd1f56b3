// Loaded into each child: its standard input is a pipe from the launcher. When the launcher is gone, however it ended, the pipe closes.
// Worker threads load it too, and have a standard input of their own that is closed from the start.
const { isMainThread } = require('node:worker_threads');

/** How long a child may take to end by itself. */
const GRACE_MS = 5_000;

if (isMainThread) {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    // Nobody reads the output any more. Without this a logger writes errors about its own errors, for ever.
    process.stdout.on('error', () => {});
    process.stderr.on('error', () => {});
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  };
  process.stdin.on('end', end).on('error', end).resume();
  process.stdin.unref?.();
}
