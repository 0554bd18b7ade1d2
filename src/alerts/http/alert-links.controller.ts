import { Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsIn, IsMongoId, IsString, Matches, MaxLength } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Cost, Public } from '../../auth/index.js';
import { ApiProblems, IsText, TargetMs } from '../../common/index.js';
import { AlertLinksService } from '../alert-links.service.js';
import { LINK_ACTIONS, type LinkAction } from '../messages/action-links.service.js';
import { ALERT_ID, AlertIdParam } from './fields.js';

class LinkParamsDto {
  @ApiProperty({ description: 'Id of the alert', example: ALERT_ID })
  @IsMongoId()
  alertId: string;

  @ApiProperty({ description: 'What the link does', enum: LINK_ACTIONS, example: 'acknowledge' })
  @IsIn(LINK_ACTIONS)
  action: LinkAction;
}

class LinkQueryDto {
  @ApiProperty({ description: 'Organization', example: 'demo' })
  @IsText(200)
  org: string;

  @ApiProperty({ description: 'When it lapses, in epoch seconds', example: '1893456000' })
  @Matches(/^\d{1,12}$/)
  expires: string;

  @ApiProperty({ description: 'Which key signed it', example: 'k1' })
  @IsText(100)
  key: string;

  @ApiProperty({ description: 'Signature', example: 'c2lnbmF0dXJl' })
  @IsString()
  @MaxLength(200)
  signature: string;
}

const ActionParam = (): MethodDecorator =>
  ApiParam({ name: 'action', description: 'What the link does', enum: LINK_ACTIONS, example: 'acknowledge' });

const HTML = { 'text/html': { schema: { type: 'string' } } };

/** Public: the signature of the link is what allows it, for one action on one episode of one alert. */
@ApiTags('Alerts')
@Controller('alerts/links')
@Cost('auth')
export class AlertLinksController {
  constructor(private readonly links: AlertLinksService) {}

  @Get(':alertId/:action')
  @Public()
  @TargetMs(50)
  @ApiOperation({
    summary: 'The page behind a link of a message',
    description: 'It shows the alert and asks; nothing happens by opening it, since mail scanners follow links.',
  })
  @AlertIdParam()
  @ActionParam()
  @ApiOkResponse({ description: 'A page with a button', content: HTML })
  @ApiProblems(403, 422)
  async ask(
    @Param() { alertId, action }: LinkParamsDto,
    @Query() signature: LinkQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return asPage(reply, await this.links.ask(alertId, action, signature));
  }

  @Post(':alertId/:action')
  @Public()
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Do what a link of a message is for',
    description: 'What the button of the page sends. The same again changes nothing more.',
  })
  @AlertIdParam()
  @ActionParam()
  @ApiOkResponse({ description: 'A page that says so', content: HTML })
  @ApiProblems(403, 422)
  async act(
    @Param() { alertId, action }: LinkParamsDto,
    @Query() signature: LinkQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return asPage(reply, await this.links.act(alertId, action, signature));
  }
}

const asPage = (reply: FastifyReply, html: string): string => {
  void reply.type('text/html; charset=utf-8').headers({
    'cache-control': 'private, no-store',
    'x-robots-tag': 'noindex, nofollow',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  });
  return html;
};
