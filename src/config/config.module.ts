import { type DynamicModule, Global, Module } from '@nestjs/common';
import { Clock } from '../common/index.js';
import { AppConfig } from './app-config.js';

/** Hands the validated configuration and the clock to every module. */
@Global()
@Module({})
export class ConfigModule {
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: ConfigModule,
      providers: [{ provide: AppConfig, useValue: config }, Clock],
      exports: [AppConfig, Clock],
    };
  }
}
