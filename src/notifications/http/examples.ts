/** One channel of each kind; the settings stand in the field that the kind names. */
export const CREATE_CHANNEL_EXAMPLES = {
  inbox: {
    summary: 'Your own inbox: needs nothing else',
    value: { name: 'My inbox', kind: 'inbox', project: 'demo', inbox: { users: ['developer'] } },
  },
  webhook: {
    summary: 'A program, by signed requests (docs/webhooks.md)',
    value: { name: 'build bot', kind: 'webhook', webhook: { url: 'https://ci.example.com/hooks/reports' } },
  },
  email: {
    summary: "People, by the installation's mail server (SMTP_URL)",
    value: { name: 'qa on call', kind: 'email', email: { to: ['qa@example.com'], cc: ['lead@example.com'] } },
  },
  slack: {
    summary: 'A Slack channel, by its incoming webhook',
    value: {
      name: 'qa in slack',
      kind: 'slack',
      slack: { url: 'https://hooks.example.com/services/T0001/B0001/k3yk3yk3y' },
    },
  },
  teams: {
    summary: 'A Teams channel, by a workflow',
    value: { name: 'qa in teams', kind: 'teams', teams: { url: 'https://hooks.example.com/workflows/k3yk3yk3y' } },
  },
} as const;

export const UPDATE_CHANNEL_EXAMPLES = {
  rename: {
    summary: 'Another name; the settings stay',
    value: { name: 'qa on call', description: 'Whoever looks after the nightly' },
  },
  users: {
    summary: 'Other users of an inbox: its settings as a whole',
    value: { inbox: { users: ['developer', 'ann'] } },
  },
} as const;
