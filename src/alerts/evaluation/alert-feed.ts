import { Injectable } from '@nestjs/common';
import type { StoredAlert } from '../domain/stored-alert.js';

type Listener = (alerts: readonly StoredAlert[]) => void;

/** Hints within the process that alerts have changed; they are sent after the commit, and may get lost. */
@Injectable()
export class AlertFeed {
  private readonly listeners = new Set<Listener>();
  private readonly muteListeners = new Set<(organization: string) => void>();

  onChanged(listener: Listener): void {
    this.listeners.add(listener);
  }

  /** @param listener gets the organization in which silences or inhibition rules have changed */
  onMuted(listener: (organization: string) => void): void {
    this.muteListeners.add(listener);
  }

  muted(organization: string): void {
    for (const listener of this.muteListeners) listener(organization);
  }

  changed(alerts: readonly StoredAlert[]): void {
    for (const listener of this.listeners) listener(alerts);
  }
}
