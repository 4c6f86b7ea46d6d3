import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the local cloud's own servers are opened and ended: on loopback only, without waiting for idle connections. */
export function onLoopback(server: Server): {
  /** @param port 0 takes any free one */
  listen(port: number): Promise<{ port: number }>;
  close(): Promise<void>;
} {
  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port }));
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
