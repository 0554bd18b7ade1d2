export * from './beta.js';
export * from './descriptive.js';
export * from './gamma.js';
export * from './intervals.js';
export * from './normal.js';
export * from './random.js';
export * from './student-t.js';
export * from './select-rank.js';
