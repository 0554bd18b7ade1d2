/** The shape of rows without Nest, for threads of other features. */
export * from './rows.js';
