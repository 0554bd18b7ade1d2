import type { INestApplication, Type } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { VERSION } from '../../config/index.js';
import { REALTIME_NAMESPACE } from '../namespace.js';
import { RealtimeModule } from '../realtime.module.js';
import type { RoomDefinition, RoomMessage } from '../room.js';
import { RoomRegistry } from '../room-registry.js';
import { CONTROL_MESSAGES, type ControlMessage } from './control-messages.js';
import { DeltaDto } from './message.dto.js';

/** A part of an AsyncAPI document. */
export type AsyncApiNode = Readonly<Record<string, unknown>>;

const ABOUT = `socket.io (protocol 5), namespace \`${REALTIME_NAMESPACE}\`. The handshake carries \`auth.token\`: a JWT or an API key
with the permission realtime:subscribe; \`auth.share\` instead for who comes by a share link. A refusal is a \`connect_error\`
whose \`data\` is a problem document. Whoever is in a room gets its deltas as the event \`delta\`; each brings new values,
never differences. Behind several nodes connect with \`transports: ["websocket"]\`.`;

const schemaRef = (model: Type<object>): AsyncApiNode => ({ $ref: `#/components/schemas/${model.name}` });
const keyOf = (event: string): string => event.replaceAll(':', '.');
const messageRef = (channel: string, message: string): AsyncApiNode => ({
  $ref: `#/channels/${channel}/messages/${message}`,
});

/** The AsyncAPI 3 document of the control messages and of every kind of room that a feature has registered. */
export const buildAsyncApi = (app: INestApplication): AsyncApiNode => {
  const rooms = app.get(RoomRegistry, { strict: false }).all();
  return {
    asyncapi: '3.0.0',
    info: { title: 'Execution reporting, realtime', version: VERSION, description: ABOUT },
    defaultContentType: 'application/json',
    servers: {
      service: {
        host: 'localhost:3000',
        pathname: '/socket.io/',
        protocol: 'wss',
        description: 'This service',
        security: [{ $ref: '#/components/securitySchemes/token' }],
      },
    },
    channels: Object.fromEntries([
      ['control', controlChannel()],
      ...rooms.map((room) => [channelKey(room), channelOf(room)]),
    ]),
    operations: Object.fromEntries([
      ...CONTROL_MESSAGES.map((message) => [keyOf(message.event), controlOperation(message)]),
      ...rooms.map((room) => [channelKey(room), deltaOperation(room)]),
    ]),
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'As `auth.token` of the handshake' },
      },
      schemas: schemasOf(app, modelsOf(rooms)),
    },
  };
};

const controlChannel = (): AsyncApiNode => ({
  address: REALTIME_NAMESPACE,
  title: 'Control',
  description: 'Subscribing, rights and their end',
  messages: Object.fromEntries(
    CONTROL_MESSAGES.flatMap(({ event, payload, answers, summary }) => [
      [keyOf(event), { name: event, summary, payload: schemaRef(payload) }],
      ...answers.map((answer) => [
        `${keyOf(event)}.${answer.name}`,
        { name: event, title: `Ack of ${event}`, payload: schemaRef(answer) },
      ]),
    ]),
  ),
});

const controlOperation = ({ event, action, answers, summary }: ControlMessage): AsyncApiNode => ({
  action,
  summary,
  channel: { $ref: '#/channels/control' },
  messages: [messageRef('control', keyOf(event))],
  ...(answers.length === 0
    ? {}
    : {
        reply: {
          channel: { $ref: '#/channels/control' },
          messages: answers.map((answer) => messageRef('control', `${keyOf(event)}.${answer.name}`)),
        },
      }),
});

const channelKey = ({ kind }: RoomDefinition): string => `room.${kind}`;

const channelOf = (room: RoomDefinition): AsyncApiNode => ({
  address: `${room.kind}:{${room.id.name}}`,
  title: `Room ${room.kind}`,
  description: room.description,
  parameters: { [room.id.name]: { description: room.id.description, examples: [room.id.example] } },
  messages: Object.fromEntries([
    [
      'snapshot',
      {
        name: 'subscribe',
        title: 'The `snapshot` in the ack of a subscribe',
        summary: room.state.description,
        payload: schemaRef(room.state.payload),
        ...examplesOf(room.state.example),
      },
    ],
    ...room.messages.map((message) => [message.type, deltaMessage(room, message)]),
  ]),
  ...(room.options ? { 'x-options': schemaRef(room.options) } : {}),
});

const deltaMessage = (
  { kind, id }: RoomDefinition,
  { type, payload, description, example }: RoomMessage,
): AsyncApiNode => ({
  name: 'delta',
  title: type,
  summary: description,
  payload: {
    allOf: [
      schemaRef(DeltaDto),
      { type: 'object', properties: { type: { const: type }, data: schemaRef(payload) }, required: ['type', 'data'] },
    ],
  },
  ...examplesOf(
    example && {
      room: `${kind}:${id.example}`,
      epoch: '5b0f7a52-9d5e',
      seq: 42,
      type,
      data: example,
      at: '2026-03-01T09:30:00.000Z',
    },
  ),
});

const examplesOf = (payload: unknown): AsyncApiNode => (payload === undefined ? {} : { examples: [{ payload }] });

const deltaOperation = (room: RoomDefinition): AsyncApiNode => ({
  action: 'send',
  summary: `What happens in a room of the kind ${room.kind}`,
  channel: { $ref: `#/channels/${channelKey(room)}` },
  messages: room.messages.map(({ type }) => messageRef(channelKey(room), type)),
});

const modelsOf = (rooms: readonly RoomDefinition[]): Type<object>[] => [
  DeltaDto,
  ...CONTROL_MESSAGES.flatMap(({ payload, answers }) => [payload, ...answers]),
  ...rooms.flatMap(({ state, messages, options }) => [
    state.payload,
    ...messages.map(({ payload }) => payload),
    ...(options ? [options] : []),
  ]),
];

/** The same classes as in the OpenAPI document, by the same generator; only this module is scanned, which has no routes. */
const schemasOf = (app: INestApplication, models: readonly Type<object>[]): AsyncApiNode => {
  const config = new DocumentBuilder().setOpenAPIVersion('3.1.0').build();
  const extraModels = [...new Set(models)];
  const document = SwaggerModule.createDocument(app, config, { include: [RealtimeModule], extraModels });
  return withPlainDiscriminators(document.components?.schemas ?? {}) as AsyncApiNode;
};

/** In AsyncAPI a discriminator is the name of the property; the mapping of OpenAPI has no place there. */
const withPlainDiscriminators = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(withPlainDiscriminators);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]: [string, unknown]) => {
      const name = key === 'discriminator' && (value as { propertyName?: unknown } | null)?.propertyName;
      return [key, typeof name === 'string' ? name : withPlainDiscriminators(value)];
    }),
  );
};
