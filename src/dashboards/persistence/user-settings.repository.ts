import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model, mongo } from 'mongoose';
import { nativeCollection, type Scope } from '../../common/index.js';
import type { Preferences } from '../domain/preferences.js';
import { DASHBOARD_USER, type UserSettingsDocument } from './dashboard.schemas.js';

export interface UserSettings {
  readonly favourites: readonly string[];
  readonly preferences: Preferences;
}

/** Favourites and preferences of one user in one organization. */
@Injectable()
export class UserSettingsRepository {
  private readonly collection: mongo.Collection<UserSettingsDocument>;

  constructor(@InjectModel(DASHBOARD_USER) model: Model<UserSettingsDocument>) {
    this.collection = nativeCollection(model);
  }

  async of({ organization }: Scope, subject: string): Promise<UserSettings> {
    const found = await this.collection.findOne({ o: organization, by: subject });
    return { favourites: found?.favourites ?? [], preferences: found?.preferences ?? {} };
  }

  async setPreferences({ organization }: Scope, subject: string, preferences: Preferences): Promise<void> {
    await this.collection.updateOne(
      { o: organization, by: subject },
      { $set: { preferences: { ...preferences } }, $setOnInsert: { favourites: [] } },
      { upsert: true },
    );
  }

  async addFavourite({ organization }: Scope, subject: string, dashboardId: string): Promise<void> {
    const filter = { o: organization, by: subject };
    await this.collection.updateOne(filter, { $addToSet: { favourites: dashboardId } }, { upsert: true });
  }

  /** @returns whether it was one */
  async removeFavourite({ organization }: Scope, subject: string, dashboardId: string): Promise<boolean> {
    const filter = { o: organization, by: subject, favourites: dashboardId };
    const { modifiedCount } = await this.collection.updateOne(filter, { $pull: { favourites: dashboardId } });
    return modifiedCount > 0;
  }
}
