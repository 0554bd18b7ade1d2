import { Injectable } from '@nestjs/common';
import type { StoredAlert } from '../domain/stored-alert.js';

type Listener = (alerts: readonly StoredAlert[]) => void;

/** Hints within the process that alerts have changed; they are sent after the commit, and may get lost. */
@Injectable()
export class AlertFeed {
  private readonly listeners = new Set<Listener>();

  onChanged(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  changed(alerts: readonly StoredAlert[]): void {
    for (const listener of this.listeners) listener(alerts);
  }
}
