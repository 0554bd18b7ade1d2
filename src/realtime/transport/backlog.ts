import type { Socket } from 'socket.io';

/** The parts of engine.io's connection that say what waits to be written; it declares them private. */
interface Connection {
  readonly writeBuffer: readonly { readonly data?: unknown; readonly options?: { wsPreEncodedFrame?: Buffer[] } }[];
  readonly transport: {
    readonly name: string;
    readonly socket?: { readonly bufferedAmount: number; terminate(): void };
  };
  close(discard?: boolean): void;
}

const connectionOf = (socket: Socket): Connection => socket.conn as unknown as Connection;

const sizeOf = (data: unknown): number =>
  typeof data === 'string' || Buffer.isBuffer(data) ? data.length : data instanceof ArrayBuffer ? data.byteLength : 0;

/** Bytes that the kernel has not taken yet: in the websocket's buffer, and in engine.io's queue before it. */
export const backlogOf = (socket: Socket): { readonly buffered: number; readonly queued: number } => {
  const { writeBuffer, transport } = connectionOf(socket);
  let queued = 0;
  for (const { data } of writeBuffer) queued += sizeOf(data);
  return { buffered: transport.socket?.bufferedAmount ?? 0, queued };
};

/** Ends the connection without waiting for what it does not read: a polite close would keep all of it for 30 s more. */
export const terminate = (socket: Socket): void => {
  const connection = connectionOf(socket);
  if (connection.transport.socket) connection.transport.socket.terminate();
  else connection.close(true);
};
