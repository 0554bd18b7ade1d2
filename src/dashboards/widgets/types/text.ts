import { ApiProperty } from '@nestjs/swagger';
import { IsText } from '../../../common/index.js';
import { renderMarkdown } from '../../domain/markdown.js';
import type { WidgetType } from '../widget-type.js';

const LONGEST = 20_000;

export class TextOptionsDto {
  @ApiProperty({
    description: 'Markdown (GitHub flavoured); HTML in it is sanitised',
    maxLength: LONGEST,
    example: '## Release 7\nSee the [plan](https://example.com/plan).',
  })
  @IsText(LONGEST)
  markdown: string;
}

export class TextDataDto {
  @ApiProperty({
    description:
      'Safe to put into a page: no scripts, styles, frames, forms or event handlers; links open with rel="noopener noreferrer nofollow"',
    example: '<h2>Release 7</h2>',
  })
  html: string;
}

export const text: WidgetType<TextOptionsDto, TextDataDto> = {
  type: 'text',
  title: 'Text',
  description: 'Markdown, sanitised.',
  optionsDto: TextOptionsDto,
  dataDto: TextDataDto,
  size: { w: 4, h: 2 },
  example: { title: 'About this board', options: { markdown: '**Demo shop**: a generated year of results.' } },
  reach: 'nothing',
  compute: (_, { markdown }) => Promise.resolve({ html: renderMarkdown(markdown) }),
};
