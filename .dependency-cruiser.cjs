/** One direction of imports: see ARCHITECTURE.md. Each layer may import only the layers to its left. */
const ORDER = [
  ['common'],
  ['config'],
  ['embedded', 'redis'],
  ['auth'],
  ['projects'],
  ['health', 'realtime'],
  ['notifications'],
  ['schedules'],
  ['executions'],
  ['metrics'],
  ['trends', 'quality'],
  ['reports', 'gates'],
  ['alerts'],
  ['dashboards'],
  ['exports', 'demo'],
];
const forbidden = [
  { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'only-the-index-of-another-feature',
    severity: 'error',
    from: { path: '^src/([^/]+)/' },
    to: { path: '^src/([^/]+)/', pathNot: ['^src/$1/', '^src/[^/]+/((stats|threads|domain)/)?index\\.ts$'] },
  },
  {
    name: 'pure-domain',
    comment: 'domain folders are pure functions: no Nest, no mongoose, no driver',
    severity: 'error',
    from: { path: '^src/[^/]+/domain/' },
    to: { path: 'node_modules/(@nestjs|mongoose|mongodb|ioredis|bullmq)' },
  },
];
ORDER.forEach((layer, position) => {
  const right = ORDER.slice(position + 1).flat();
  const peers = layer.length > 1 ? layer : [];
  for (const room of layer) {
    const barred = [...right, ...peers.filter((peer) => peer !== room && !(room === 'quality' && peer === 'trends'))];
    if (barred.length > 0)
      forbidden.push({
        name: `${room}-imports-leftwards`,
        severity: 'error',
        from: { path: `^src/${room}/` },
        to: { path: `^src/(${barred.join('|')})/` },
      });
  }
});
module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '\\.spec\\.ts$' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
