const RETRY_MS = 500;
const MOST = 10_000;

/** Rooms of which a delta was lost, until their subscribers were told to subscribe again. */
export class LostRooms {
  private readonly rooms = new Map<string, () => Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  /**
   * @param restart one room
   * @param restartAll every room of a kind with subscribers anywhere
   */
  constructor(
    private readonly restart: (kind: string, key: string) => Promise<void>,
    private readonly restartAll: (kind: string) => Promise<void>,
  ) {}

  add(kind: string, key: string): void {
    this.remember(JSON.stringify([kind, key]), () => this.restart(kind, key));
  }

  /** It is not known which rooms of the kind have missed something. */
  addAll(kind: string): void {
    this.remember(JSON.stringify([kind]), () => this.restartAll(kind));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private remember(name: string, restart: () => Promise<void>): void {
    // more than that are left to the nodes, which have all lost Redis then and find out by themselves
    if (this.stopped || this.rooms.size >= MOST) return;
    this.rooms.set(name, restart);
    this.schedule();
  }

  private schedule(): void {
    this.timer ??= setTimeout(() => void this.retry(), RETRY_MS);
  }

  private async retry(): Promise<void> {
    try {
      for (const [name, restart] of this.rooms) {
        await restart();
        this.rooms.delete(name);
      }
    } catch {
      // still away
    }
    this.timer = undefined;
    if (this.rooms.size > 0 && !this.stopped) this.schedule();
  }
}
