import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

export const Numeric = (description: string, example: number): PropertyDecorator =>
  ApiProperty({ description, type: Number, example });

export const NumberOrNull = (description: string, example: number): PropertyDecorator =>
  ApiProperty({ description, type: Number, nullable: true, example });

export const Text = (description: string, example: string): PropertyDecorator =>
  ApiProperty({ description, type: String, example });

export const OptionalText = (description: string, example: string): PropertyDecorator =>
  ApiPropertyOptional({ description, type: String, example });

export const Instant = (description: string): PropertyDecorator =>
  ApiProperty({ description, format: 'date-time', type: String, example: '2026-06-30T00:00:00.000Z' });

export const Status = (): PropertyDecorator =>
  ApiProperty({ description: 'Whether there was enough data', enum: ['ok', 'insufficient_data'], example: 'ok' });

export const Reason = (): PropertyDecorator =>
  ApiPropertyOptional({
    description: 'Only with `insufficient_data`: what is missing',
    example: 'a trend needs 8 points, there are 3',
  });

export type StatusName = 'ok' | 'insufficient_data';

export class TrendDefinitionDto {
  @Text('Which definition', 'trends')
  id: string;

  @Numeric('Its version: it goes up when the figures would come out different', 1)
  version: number;
}
