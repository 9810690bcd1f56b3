// Loaded into each child: its standard input is a pipe from the launcher. When the launcher is gone, however it ended, the pipe closes.
// Worker threads load it too, and have a standard input of their own that is closed from the start.
const { isMainThread } = require('node:worker_threads');

if (isMainThread) {
  const end = () => process.kill(process.pid, 'SIGTERM');
  process.stdin.on('end', end).on('error', end).resume();
  process.stdin.unref?.();
}
