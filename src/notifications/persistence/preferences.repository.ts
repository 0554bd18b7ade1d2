import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import type { Scope } from '../../common/index.js';
import { DEFAULT_PREFERENCES, type Preferences } from '../domain/preferences.js';
import { PREFERENCES, type PreferencesDocument } from './user.schemas.js';

@Injectable()
export class PreferencesRepository {
  constructor(@InjectModel(PREFERENCES) private readonly model: Model<PreferencesDocument>) {}

  /** The default ones for who has set none. */
  async of({ organization }: Scope, users: readonly string[]): Promise<Map<string, Preferences>> {
    const found = await this.model.find({ o: organization, user: { $in: [...users] } }).lean<PreferencesDocument[]>();
    const known = new Map(found.map(({ user, preferences }) => [user, JSON.parse(preferences) as Preferences]));
    return new Map(users.map((user) => [user, known.get(user) ?? DEFAULT_PREFERENCES]));
  }

  async put({ organization }: Scope, user: string, preferences: Preferences, now: Date): Promise<void> {
    const $set = { preferences: JSON.stringify(preferences), updatedAt: now };
    await this.model.updateOne({ o: organization, user }, { $set }, { upsert: true });
  }
}
