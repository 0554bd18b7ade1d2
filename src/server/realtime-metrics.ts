import { Counter, Gauge, type Registry } from 'prom-client';
import type { RealtimeFigures } from '../realtime/index.js';

/** The sockets of this process at /metrics; read when somebody asks. */
export const observeSockets = (figures: RealtimeFigures, registry: Registry): void => {
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        this.set(read());
      },
    });
  const counter = (name: string, help: string, read: () => number): Counter =>
    new Counter({
      ...{ name, help, registers: [registry] },
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  gauge('realtime_sockets', 'Sockets that are connected', () => figures.sockets);
  gauge('realtime_rooms', 'Rooms with subscribers', () => figures.rooms);
  const sent = 'Deltas sent, one for each socket that got one';
  counter('realtime_deltas_sent_total', sent, () => figures.deltasSent);
  const dropped = 'Clients dropped because they did not read';
  counter('realtime_stalled_clients_dropped_total', dropped, () => figures.stalledDropped);
};
