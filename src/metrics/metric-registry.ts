import { Injectable } from '@nestjs/common';
import { CATALOGUE, type ListedMetric } from './domain/catalogue.js';

/** The catalogue as clients see it: the read model's metrics, and those of features that register theirs at boot. */
@Injectable()
export class MetricRegistry {
  private readonly more: ListedMetric[] = [];

  add(metric: ListedMetric): void {
    this.more.push(metric);
  }

  all(): readonly ListedMetric[] {
    return [...CATALOGUE, ...this.more];
  }
}
