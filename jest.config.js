/** Unit specs lie beside the code, tests on real servers under test/. One MongoDB and one Redis serve the whole run. */
export default {
  rootDir: '.',
  roots: ['<rootDir>/src', '<rootDir>/test', '<rootDir>/clients'],
  testMatch: ['**/*.spec.ts', '**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false, // the build's .swcrc leaves out specs
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          keepClassNames: true,
        },
        module: { type: 'es6' },
      },
    ],
  },
  testEnvironment: 'node',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFiles: ['<rootDir>/test/support/setup-file.ts'],
  // a bound for what hangs: above all waits of a test on a machine that is five times slower
  testTimeout: 180_000,
  maxWorkers: 2,
  // ES modules of a file that was run are not collected; a worker that grew is replaced between two files.
  workerIdleMemoryLimit: '1200MB',
};
