import type { Plain } from '../../common/index.js';
import type { BoundedFigure, ScopeFigures } from '../assessments/figures.js';
import type { LabelCounts } from '../domain/quality-facts.js';
import type { WeightedFigure } from '../domain/stability.js';
import type { BoundedFigureDto, LabelCountsDto, ReliabilityDto, WeightedFigureDto } from './figures.dto.js';

export const toWeighted = (id: string, { status, value, tests, runs }: WeightedFigure): Plain<WeightedFigureDto> => ({
  definition: { id, version: 1 },
  ...{ status, value, tests },
  n: runs,
});

export const toBounded = (id: string, figure: BoundedFigure): Plain<BoundedFigureDto> => ({
  ...toWeighted(id, figure),
  low: figure.low,
  high: figure.high,
});

export const toReliability = ({ low, high, ...rest }: ScopeFigures['reliability']): Plain<ReliabilityDto> => {
  const known = rest.denominator > 0;
  return { ...rest, low: known ? low : null, high: known ? high : null };
};

export const toLabelCounts = ({ insufficient_data, ...counts }: LabelCounts, total: number): Plain<LabelCountsDto> => ({
  ...counts,
  insufficientData: insufficient_data,
  total,
});
