export * from './script-thread.js';
export * from './slices.js';
export * from './stand-back.js';
