import { Injectable } from '@nestjs/common';
import type { MessageRenderer } from './domain/message.js';

/** Features hand in how their messages look; this room knows none of them. */
@Injectable()
export class MessageRenderers {
  private readonly renderers = new Map<string, MessageRenderer>();

  /** Call it in `onModuleInit`. @throws Error for a kind that has one already */
  register(kind: string, renderer: MessageRenderer): void {
    if (this.renderers.has(kind)) throw new Error(`There is a renderer of "${kind}" already`);
    this.renderers.set(kind, renderer);
  }

  find(kind: string): MessageRenderer | undefined {
    return this.renderers.get(kind);
  }
}
