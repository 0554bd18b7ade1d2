import type { DynamicModule } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AppConfig } from '../config/index.js';

/** The connection to MongoDB that a process has, with a pool of at most so many. */
export const databaseModule = (maxPoolSize = 40): DynamicModule =>
  MongooseModule.forRootAsync({
    inject: [AppConfig],
    useFactory: ({ mongodbUri }: AppConfig) => ({
      uri: mongodbUri,
      serverSelectionTimeoutMS: 5_000,
      maxPoolSize,
      retryDelay: 1_000,
    }),
  });
