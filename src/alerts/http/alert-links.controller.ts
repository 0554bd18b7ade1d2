import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiParam, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsIn, IsMongoId, IsString, Matches, MaxLength } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Cost, Public } from '../../auth/index.js';
import { ApiProblems, IsText, TargetMs } from '../../common/index.js';
import { AlertLinksService } from '../alert-links.service.js';
import { BUTTON_ACTIONS, type ButtonAction, LINK_ACTIONS, type LinkAction } from '../messages/action-links.service.js';
import { COMMENT_LENGTH } from '../messages/action-page.js';
import { readCommentForm } from './comment-form.js';
import { ALERT_ID, AlertIdParam } from './fields.js';

class LinkedAlertDto {
  @ApiProperty({ description: 'Id of the alert', example: ALERT_ID })
  @IsMongoId()
  alertId: string;
}

class LinkParamsDto extends LinkedAlertDto {
  @ApiProperty({ description: 'What the link does', enum: LINK_ACTIONS, example: 'acknowledge' })
  @IsIn(LINK_ACTIONS)
  action: LinkAction;
}

class ButtonParamsDto extends LinkedAlertDto {
  @ApiProperty({ description: 'What the button does', enum: BUTTON_ACTIONS, example: 'acknowledge' })
  @IsIn(BUTTON_ACTIONS)
  action: ButtonAction;
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

const ActionParam = (actions: readonly LinkAction[]): MethodDecorator =>
  ApiParam({ name: 'action', description: 'What the link does', enum: actions, example: 'acknowledge' });

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
  @ActionParam(LINK_ACTIONS)
  @ApiOkResponse({ description: 'A page with a button, or a form for a comment', content: HTML })
  @ApiProblems(403, 422)
  async ask(
    @Param() { alertId, action }: LinkParamsDto,
    @Query() signature: LinkQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return asPage(reply, await this.links.ask(alertId, action, signature));
  }

  @Post(':alertId/comment')
  @Public()
  @HttpCode(200)
  @TargetMs(50)
  @ApiOperation({
    summary: 'Comment on an alert by a link of a message',
    description:
      'What the form of the page sends, with the query of the link. The comment stands in the timeline, also when the alert is over; each one sent is one more.',
  })
  @AlertIdParam()
  @ApiConsumes('text/plain')
  @ApiBody({
    description: `\`text=\` and the comment, at most ${COMMENT_LENGTH} characters`,
    schema: { type: 'string', example: 'text=The sandbox was down, it is not us' },
  })
  @ApiOkResponse({ description: 'A page that says so', content: HTML })
  @ApiProblems(403, 422)
  async comment(
    @Param() { alertId }: LinkedAlertDto,
    @Query() signature: LinkQueryDto,
    @Req() { body }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return asPage(reply, await this.links.comment(alertId, signature, await readCommentForm(body)));
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
  @ActionParam(BUTTON_ACTIONS)
  @ApiOkResponse({ description: 'A page that says so', content: HTML })
  @ApiProblems(403, 422)
  async act(
    @Param() { alertId, action }: ButtonParamsDto,
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
