import { io, type Socket } from 'socket.io-client';

const AT_ONCE = 50;

export interface Delta {
  readonly room: string;
  readonly seq: number;
  readonly data: { readonly totals: { readonly attempts: number } };
}

interface StalledTransport {
  readonly ws: { readonly _socket: { pause(): void } };
}

/** A socket of the namespace, connected. */
export const openSocket = async (serviceUrl: string, token: string): Promise<Socket> => {
  const socket = io(`${new URL(serviceUrl).origin}/realtime`, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    auth: { token },
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
};

/** @throws Error with the problem where the service refuses */
export const enter = async (socket: Socket, room: string): Promise<void> => {
  const answer = (await socket.timeout(30_000).emitWithAck('subscribe', { room })) as { problem?: { detail: string } };
  if (answer.problem) throw new Error(`${room}: ${answer.problem.detail}`);
};

/** So many sockets, each in all of the rooms. */
export const openSockets = async (
  count: number,
  serviceUrl: string,
  token: string,
  rooms: readonly string[],
): Promise<Socket[]> => {
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    const next = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, async () => {
      const socket = await openSocket(serviceUrl, token);
      for (const room of rooms) await enter(socket, room);
      return socket;
    });
    sockets.push(...(await Promise.all(next)));
  }
  return sockets;
};

/** From now on nothing is read from the network. */
export const stall = (socket: Socket): void =>
  (socket.io.engine.transport as unknown as StalledTransport).ws._socket.pause();
