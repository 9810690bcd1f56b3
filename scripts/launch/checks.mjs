import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { explainSystemError, PlainError } from './plainError.mjs';
import { keep, root } from './paths.mjs';

const BYTES_NEEDED_TO_INSTALL = 3.5e9;
const BYTES_NEEDED_TO_RUN = 300e6;

/** The folder can be written, and the disk has room for what comes next. Throws a plain sentence otherwise. */
export function checkFolder({ installed }) {
  try {
    fs.mkdirSync(path.join(keep, 'logs'), { recursive: true });
    const probe = path.join(keep, `probe-${process.pid}`);
    fs.writeFileSync(probe, 'x');
    fs.rmSync(probe);
  } catch (error) {
    throw explainSystemError(error, 'starting Switchyard');
  }
  const { bavail, bsize } = fs.statfsSync(root);
  const free = bavail * bsize;
  const needed = installed ? BYTES_NEEDED_TO_RUN : BYTES_NEEDED_TO_INSTALL;
  if (free < needed) {
    throw new PlainError(
      `The disk has ${gigabytes(free)} free; ${
        installed ? 'running' : 'the first start'
      } needs ${gigabytes(needed)}. Free some and start again.`,
    );
  }
}

function gigabytes(bytes) {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Nobody listens on the port. Throws a plain sentence otherwise. */
export async function checkPort(port, host = '127.0.0.1') {
  await new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', error => {
      if (error.code === 'EADDRINUSE') {
        reject(
          new PlainError(
            `Port ${port} is in use. Stop what runs there, or choose another: npm start -- --port ${
              port + 10
            }`,
          ),
        );
      } else if (error.code === 'EACCES') {
        reject(
          new PlainError(
            `Port ${port} may not be used by this user. Choose another: npm start -- --port 7007`,
          ),
        );
      } else {
        reject(error);
      }
    });
    server.listen({ port, host, exclusive: true }, () => server.close(resolve));
  });
}

/** A port that is free now. */
export async function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
