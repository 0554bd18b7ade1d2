import { Injectable } from '@nestjs/common';
import { invalid } from '../../common/index.js';
import type { SourceKind } from '../domain/export-job.js';
import type { ExportSource } from './export-source.js';

/** Everything that can be exported, by its kind. */
@Injectable()
export class ExportSources {
  private readonly known = new Map<SourceKind, ExportSource>();

  register(source: ExportSource): void {
    if (this.known.has(source.kind)) throw new Error(`There are two export sources ${source.kind}`);
    this.known.set(source.kind, source);
  }

  /** In the order in which they were registered. */
  all(): readonly ExportSource[] {
    return [...this.known.values()];
  }

  /** @throws DomainError 422 `unknown_source` */
  get(kind: SourceKind): ExportSource {
    const source = this.known.get(kind);
    if (!source)
      throw invalid('unknown_source', `There is no export of ${kind}`, [
        { pointer: '/source/kind', detail: `must be one of: ${[...this.known.keys()].join(', ')}` },
      ]);
    return source;
  }
}
