import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

/** Requests a minute that one user or API key has in each cost class, before RATE_LIMIT_FACTOR. */
export const COSTS = {
  cheap: 1800,
  query: 600,
  heavy: 60,
  ingest: 1200,
  auth: 60,
  shared: 120,
} as const satisfies Readonly<Record<string, number>>;

export type CostClass = keyof typeof COSTS;

export const WINDOW_SECONDS = 60;

export const COST_KEY = 'auth:cost';

/** The cost class of a route; `cheap` where nothing is said. A public route is limited (per address) only if it says so. */
export const Cost = (cost: CostClass): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(COST_KEY, cost), ApiExtension('x-cost-class', cost));
