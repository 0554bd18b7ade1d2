/** Aborts when its time is over or the process stops; `AbortSignal.any` would leave something at the process's signal. */
export class AttemptTimer {
  timedOut = false;
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private readonly stop = (): void => {
    this.controller.abort();
  };

  constructor(
    timeoutMs: number,
    private readonly stopped: AbortSignal,
  ) {
    this.timer = setTimeout(() => {
      this.timedOut = true;
      this.stop();
    }, timeoutMs);
    if (stopped.aborted) this.stop();
    stopped.addEventListener('abort', this.stop, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  end(): void {
    clearTimeout(this.timer);
    this.stopped.removeEventListener('abort', this.stop);
  }
}
