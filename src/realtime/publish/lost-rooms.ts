const RETRY_MS = 500;
const MOST = 10_000;

/** Rooms of which a delta was lost, until their subscribers were told to subscribe again. */
export class LostRooms {
  private readonly rooms = new Map<string, readonly [kind: string, key: string]>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly restart: (kind: string, key: string) => Promise<void>) {}

  add(kind: string, key: string): void {
    // more than that are left to the nodes, which have all lost Redis then and find out by themselves
    if (this.stopped || this.rooms.size >= MOST) return;
    this.rooms.set(JSON.stringify([kind, key]), [kind, key]);
    this.schedule();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => void this.retry(), RETRY_MS);
  }

  private async retry(): Promise<void> {
    try {
      for (const [name, [kind, key]] of this.rooms) {
        await this.restart(kind, key);
        this.rooms.delete(name);
      }
    } catch {
      // still away
    }
    this.timer = undefined;
    if (this.rooms.size > 0 && !this.stopped) this.schedule();
  }
}
