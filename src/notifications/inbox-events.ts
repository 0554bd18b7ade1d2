import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Principal } from '../auth/index.js';
import { notFound, type Scope } from '../common/index.js';
import { RealtimeRooms } from '../realtime/index.js';
import type { InboxMessage } from './domain/inbox.js';
import {
  InboxAllReadDto,
  InboxMarkedDto,
  InboxMessageDto,
  InboxRemovedDto,
  InboxStateDto,
  toInboxMessageDto,
} from './http/inbox.dto.js';
import { InboxRepository } from './persistence/inbox.repository.js';

const KIND = 'inbox';
/** About no project. */
const EVERYBODYS: Pick<InboxMessage, 'projects' | 'wide'> = { projects: [], wide: false };
const SHOWN = 20;

interface InboxContext {
  readonly scope: Scope;
  readonly user: string;
}

/** The room `inbox:{user}`: tells a user's open clients that the inbox changed. */
@Injectable()
export class InboxEvents implements OnModuleInit {
  constructor(
    private readonly rooms: RealtimeRooms,
    private readonly inbox: InboxRepository,
  ) {}

  onModuleInit(): void {
    this.rooms.register<InboxContext>({
      kind: KIND,
      description: 'The inbox of the caller: what comes in, what is read.',
      id: { name: 'user', description: 'Subject of the caller, or `me`', example: 'me' },
      state: { payload: InboxStateDto, description: 'How many are unread, and the newest messages' },
      messages: [
        { type: 'inbox.added', payload: InboxMessageDto, description: 'A message came in' },
        { type: 'inbox.marked', payload: InboxMarkedDto, description: 'A message was read, or is unread again' },
        { type: 'inbox.all_read', payload: InboxAllReadDto, description: 'All messages were read' },
        { type: 'inbox.removed', payload: InboxRemovedDto, description: 'A message was removed' },
      ],
      authorise: (principal, id) => placeOf(principal, id),
      snapshot: async ({ scope, user }) => {
        const { items } = await this.inbox.list(scope, user, false, SHOWN);
        return { unread: await this.inbox.unread(scope, user), items: items.map(toInboxMessageDto) };
      },
    });
  }

  /** Messages that came in, each with the user it came to. */
  async added(
    { organization }: Scope,
    messages: readonly { readonly user: string; readonly message: InboxMessage }[],
  ): Promise<void> {
    if (messages.length === 0) return;
    const live = await this.rooms.allLive(KIND);
    for (const { user, message } of messages)
      await this.tell(organization, user, 'inbox.added', toInboxMessageDto(message), message, live);
  }

  async marked({ organization }: Scope, user: string, message: InboxMessage): Promise<void> {
    const { messageId, readAt } = message;
    await this.tell(organization, user, 'inbox.marked', { messageId, readAt }, message);
  }

  /** Who is confined to projects read those of them only: everybody else of the user looks again. */
  async allRead(scope: Scope, user: string, readAt: Date): Promise<void> {
    if (scope.projects === 'all') return this.tell(scope.organization, user, 'inbox.all_read', { readAt });
    for (const key of await this.keysOf(scope.organization, user)) await this.rooms.resync(KIND, key);
  }

  async removed({ organization }: Scope, user: string, messageId: string): Promise<void> {
    await this.tell(organization, user, 'inbox.removed', { messageId });
  }

  private async tell(
    organization: string,
    user: string,
    type: string,
    data: object,
    about = EVERYBODYS,
    live?: ReadonlySet<string>,
  ): Promise<void> {
    for (const key of await this.keysOf(organization, user, about, live))
      await this.rooms.publish(KIND, key, type, data);
  }

  /** The rooms of the user whose subscribers may see what is about these projects; while Redis is away all look again later. */
  private async keysOf(
    organization: string,
    user: string,
    { projects, wide } = EVERYBODYS,
    live?: ReadonlySet<string>,
  ): Promise<string[]> {
    const known = live ?? (await this.rooms.allLive(KIND));
    if (!known) {
      this.rooms.resyncAll(KIND);
      return [];
    }
    const prefix = keyOf(organization, user).slice(0, -1);
    return [...known].filter((key) => {
      if (!key.startsWith(prefix)) return false;
      const [, , seen] = JSON.parse(key) as [string, string, 'all' | string[]];
      return seen === 'all' || (!wide && projects.every((project) => seen.includes(project)));
    });
  }
}

/** The same rights of the same user, the same key. */
const keyOf = (organization: string, user: string, projects?: Scope['projects']): string =>
  JSON.stringify([organization, user, ...(projects ? [projects === 'all' ? projects : [...projects].sort()] : [])]);

const placeOf = ({ scope, subject }: Principal, id: string): { key: string; context: InboxContext } => {
  // an inbox is nobody else's, whatever the role
  if (id !== 'me' && id !== subject) throw notFound('Room');
  return { key: keyOf(scope.organization, subject, scope.projects), context: { scope, user: subject } };
};
