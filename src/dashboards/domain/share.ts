import { createHash, randomBytes } from 'node:crypto';
import type { Scope } from '../../common/index.js';

/** A link that shows one dashboard, read-only, to whoever holds it. */
export interface Share {
  readonly shareId: string;
  readonly dashboardId: string;
  readonly name: string;
  readonly sharedBy: { readonly subject: string; readonly name: string };
  /** What the one who shared it could see then: the link never shows more. */
  readonly scope: Scope;
  /** Whether they held `dashboards:manage` then. */
  readonly manages: boolean;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

const PREFIX = 'ers_share_';

/** 256 random bits: nobody guesses it, and a plain hash is enough to keep it. */
export const mintToken = (): string => `${PREFIX}${randomBytes(32).toString('base64url')}`;

export const isShareToken = (text: string): boolean => /^ers_share_[A-Za-z0-9_-]{43}$/.test(text);

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
