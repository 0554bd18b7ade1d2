import { describe, expect, it } from '@jest/globals';
import type { EndpointsRepository } from '../persistence/endpoints.repository.js';
import { EndpointGate } from './endpoint-gate.js';

const now = new Date('2026-03-01T12:00:00Z');
const MINUTE = 60_000;

/** A store whose answers wait until the test gives them. */
class SlowStore {
  private readonly asked: ((found: readonly { endpoint: string; openAt: Date }[]) => void)[] = [];
  private readonly written: (() => void)[] = [];

  closed(): Promise<readonly { endpoint: string; openAt: Date }[]> {
    return new Promise((resolve) => this.asked.push(resolve));
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.written.push(resolve));
  }

  answer(found: readonly { endpoint: string; openAt: Date }[]): void {
    this.asked.shift()?.(found);
  }

  confirm(): void {
    this.written.shift()?.();
  }
}

const setUp = () => {
  const store = new SlowStore();
  return { store, gate: new EndpointGate(store as unknown as EndpointsRepository) };
};

describe('EndpointGate', () => {
  it('is shut as soon as the receiver has asked for it, before that is written down', async () => {
    const { store, gate } = setUp();
    const paused = gate.pause('busy', MINUTE, now);
    expect(gate.shut(now)).toEqual(['busy']);
    store.confirm();
    await paused;
    expect(gate.opensIn(now)).toBe(MINUTE);
    expect(gate.shut(new Date(now.getTime() + MINUTE))).toEqual([]);
  });

  it('does not forget a pause that came while it was being refreshed', async () => {
    const { store, gate } = setUp();
    const refreshed = gate.refresh(now);
    const paused = gate.pause('busy', MINUTE, now);
    store.confirm();
    await paused;
    store.answer([{ endpoint: 'known', openAt: new Date(now.getTime() + MINUTE) }]);
    await refreshed;
    expect(gate.shut(now).sort()).toEqual(['busy', 'known']);
  });

  it('learns by the next refresh what was opened again', async () => {
    const { store, gate } = setUp();
    const paused = gate.pause('busy', MINUTE, now);
    store.confirm();
    await paused;
    const refreshed = gate.refresh(now);
    store.answer([]);
    await refreshed;
    expect(gate.shut(now)).toEqual([]);
  });
});
