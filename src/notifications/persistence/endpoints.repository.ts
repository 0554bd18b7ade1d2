import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { isDuplicateKey } from '../../common/index.js';
import { ENDPOINT, type EndpointDocument } from './notification.schemas.js';

/** When endpoints that limit how often are open again, for all workers together. */
@Injectable()
export class EndpointsRepository {
  constructor(@InjectModel(ENDPOINT) private readonly model: Model<EndpointDocument>) {}

  /** Takes the next turn. @returns when the endpoint is open again, and whether the turn is ours */
  async reserve(
    endpoint: string,
    gapMs: number,
    now: Date,
  ): Promise<{ readonly openAt: Date; readonly mine: boolean }> {
    const openAt = new Date(now.getTime() + gapMs);
    try {
      // where it is closed the filter finds nothing, and the upsert collides with it
      await this.model.updateOne({ _id: endpoint, openAt: { $lte: now } }, { $set: { openAt } }, { upsert: true });
      return { openAt, mine: true };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const found = await this.model.findById(endpoint).lean<EndpointDocument>();
      return { openAt: found?.openAt ?? now, mine: false };
    }
  }

  /** Those that take nothing now, and until when. */
  async closed(now: Date): Promise<{ readonly endpoint: string; readonly openAt: Date }[]> {
    const found = await this.model.find({ openAt: { $gt: now } }).lean<EndpointDocument[]>();
    return found.map(({ _id, openAt }) => ({ endpoint: _id, openAt }));
  }

  /** It may be another receiver by now, or one that was mended. */
  async reopen(endpoint: string): Promise<void> {
    await this.model.deleteOne({ _id: endpoint });
  }

  /** The receiver asked to be left alone until then. */
  async close(endpoint: string, until: Date): Promise<void> {
    await this.model.updateOne({ _id: endpoint }, { $max: { openAt: until } }, { upsert: true });
  }
}
