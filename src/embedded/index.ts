export { EmbeddedError, type EmbeddedErrorCode } from './embedded-error.js';
export { type EmbeddedOptions, type EmbeddedServers, startEmbedded } from './start-embedded.js';
export { findRunning, type RunningServers } from './running-servers.js';
