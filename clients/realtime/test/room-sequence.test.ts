import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Delta } from '../src/messages.js';
import { RoomSequence } from '../src/room-sequence.js';

const delta = (seq: number, value: number, epoch = 'e1'): Delta => ({
  room: 'r:1',
  epoch,
  seq,
  type: 'set',
  data: value,
  at: '2026-01-01T00:00:00.000Z',
});

describe('RoomSequence', () => {
  const observed = (): { sequence: RoomSequence; seen: (number | string)[] } => {
    const seen: (number | string)[] = [];
    const sequence = new RoomSequence({
      onSnapshot: (snapshot) => seen.push(`snapshot ${String(snapshot)}`),
      onDelta: ({ seq }) => seen.push(seq),
    });
    return { sequence, seen };
  };

  it('holds back what comes before the answer, and drops what the answer holds', () => {
    const { sequence, seen } = observed();
    expect(sequence.ask()).toEqual({});
    expect([delta(4, 0), delta(5, 0), delta(6, 0)].map((one) => sequence.take(one))).toEqual(Array(3).fill('nothing'));
    expect(sequence.answer({ room: 'r:1', epoch: 'e1', seq: 5, snapshot: 's' })).toBe('nothing');
    expect(seen).toEqual(['snapshot s', 6]);
    expect(sequence.take(delta(6, 0))).toBe('nothing');
    expect(sequence.take(delta(7, 0))).toBe('nothing');
    expect(seen).toEqual(['snapshot s', 6, 7]);
  });

  it('asks again from where it is at a gap or a new epoch', () => {
    const { sequence, seen } = observed();
    sequence.ask();
    sequence.answer({ room: 'r:1', epoch: 'e1', seq: 1, snapshot: 's' });
    expect(sequence.take(delta(3, 0))).toBe('subscribe');
    expect(sequence.ask()).toEqual({ epoch: 'e1', lastSeq: 1 });
    const answer = { room: 'r:1', epoch: 'e1', seq: 3, deltas: [delta(2, 0), delta(3, 0)] };
    expect(sequence.answer(answer)).toBe('nothing');
    expect(sequence.take(delta(1, 0, 'e2'))).toBe('subscribe');
    expect(seen).toEqual(['snapshot s', 2, 3]);
  });

  it('ends in the state of the service, whatever is cut off, late or sent twice', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant('publish' as const) },
      { weight: 3, arbitrary: fc.constant('answer' as const) },
      { weight: 2, arbitrary: fc.constant('lose' as const) },
      { weight: 2, arbitrary: fc.constant('repeat' as const) },
      { weight: 1, arbitrary: fc.constant('epoch' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 5 }), (steps, kept) => {
        let value = 0;
        let epoch = 'e0';
        let log: Delta[] = [];
        let state: unknown = 'nothing';
        const applied: string[] = [];
        const sequence = new RoomSequence({
          onSnapshot: (snapshot) => (state = snapshot),
          onDelta: (one) => {
            applied.push(`${one.epoch}/${one.seq}`);
            state = one.data;
          },
        });
        let asked: { epoch?: string; lastSeq?: number } | undefined = sequence.ask();
        const answer = (): void => {
          if (asked === undefined) return;
          const { epoch: since, lastSeq = 0 } = asked;
          asked = undefined;
          const missing = log.length - lastSeq;
          const isKept = since === epoch && missing >= 0 && missing <= kept;
          const position = { room: 'r:1', epoch, seq: log.length };
          const outcome = isKept ? { ...position, deltas: log.slice(lastSeq) } : { ...position, snapshot: value };
          if (sequence.answer(outcome) === 'subscribe') asked = sequence.ask();
        };
        const send = (one: Delta): void => {
          if (sequence.take(one) === 'subscribe') asked ??= sequence.ask();
        };
        for (const [index, one] of steps.entries()) {
          if (one === 'answer') answer();
          else if (one === 'repeat') log.slice(-2).forEach(send);
          else {
            if (one === 'epoch') [epoch, log] = [`e${index + 1}`, []];
            value++;
            log = [...log, delta(log.length + 1, value, epoch)];
            if (one !== 'lose') send(log.at(-1)!);
          }
        }
        // what is lost at the end is told by a resync
        asked ??= sequence.ask();
        for (let rounds = 0; rounds < 3; rounds++) answer();
        expect(state).toBe(value);
        expect(new Set(applied).size).toBe(applied.length);
      }),
      { numRuns: 300 },
    );
  });
});
