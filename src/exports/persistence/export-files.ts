import { createHash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import { InjectConnection } from '@nestjs/mongoose';
import { mongo, type Connection } from 'mongoose';

const BUCKET = 'exports';
const CHUNK_BYTES = 1024 * 1024;

/** As GridFS keeps it. */
interface Chunk {
  readonly n: number;
  readonly data: mongo.Binary;
}

export interface WrittenFile {
  readonly length: number;
  /** Hex. */
  readonly sha256: string;
}

/** Chunks of a file that a download has in memory: the driver's own reader takes 16 MB of them at once, for each reader. */
const CHUNKS_AHEAD = 2;

/** The files in GridFS, so that every node can serve what any worker wrote. */
@Injectable()
export class ExportFiles {
  constructor(@InjectConnection() private readonly connection: Connection) {}

  /** Writes a file as its bytes come. What was written of it before an error stays: `remove` it. */
  async write(
    fileId: string,
    name: string,
    bytes: AsyncIterable<Uint8Array | string>,
    signal: AbortSignal,
  ): Promise<WrittenFile> {
    const hash = createHash('sha256');
    let length = 0;
    const measure = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        hash.update(chunk);
        length += chunk.length;
        done(null, chunk);
      },
    });
    const upload = this.bucket().openUploadStreamWithId(new mongo.ObjectId(fileId), name, {
      chunkSizeBytes: CHUNK_BYTES,
    });
    await pipeline(Readable.from(bytes, { objectMode: true, highWaterMark: 1 }), measure, upload, { signal });
    return { length, sha256: hash.digest('hex') };
  }

  /** The bytes from `first` to `last`, both included, as fast as they are taken. */
  read(fileId: string, first: number, last: number): Readable {
    return Readable.from(this.bytesOf(fileId, first, last), { objectMode: false, highWaterMark: 1 });
  }

  /** A file, whole or in part; none is fine. */
  async remove(fileId: string): Promise<void> {
    const id = new mongo.ObjectId(fileId);
    await this.collection('files').deleteOne({ _id: id });
    await this.collection('chunks').deleteMany({ files_id: id });
  }

  /** Ids of everything that has chunks, whole or not. */
  async ids(): Promise<string[]> {
    const found = await this.collection('chunks')
      .aggregate<{ _id: mongo.ObjectId }>([{ $group: { _id: '$files_id' } }])
      .toArray();
    return found.map(({ _id }) => _id.toHexString());
  }

  private async *bytesOf(fileId: string, first: number, last: number): AsyncGenerator<Uint8Array> {
    let n = Math.floor(first / CHUNK_BYTES);
    const filter = { files_id: new mongo.ObjectId(fileId), n: { $gte: n, $lte: Math.floor(last / CHUNK_BYTES) } };
    const chunks = this.collection('chunks').find<Chunk>(filter, { sort: { n: 1 }, batchSize: CHUNKS_AHEAD });
    let at = first;
    for await (const chunk of chunks) {
      if (chunk.n !== n) break;
      const from = n * CHUNK_BYTES;
      const bytes = chunk.data.buffer.subarray(at - from, Math.min(last + 1 - from, chunk.data.length()));
      at += bytes.length;
      n += 1;
      yield bytes;
    }
    // deleted or expired meanwhile: the download breaks off in place of ending early as if it were whole
    if (at !== last + 1) throw new Error(`the file ${fileId} ended at byte ${at} of ${last + 1}`);
  }

  private bucket(): mongo.GridFSBucket {
    return new mongo.GridFSBucket(this.database(), { bucketName: BUCKET });
  }

  private collection(part: 'files' | 'chunks'): mongo.Collection {
    return this.database().collection(`${BUCKET}.${part}`);
  }

  private database(): mongo.Db {
    const { db } = this.connection;
    if (!db) throw new Error('not connected to MongoDB');
    return db;
  }
}
