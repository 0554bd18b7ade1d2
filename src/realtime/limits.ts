/** What one socket, one room and one delta may take. */
export const LIMITS = {
  /** Rooms of one socket. */
  roomsPerSocket: 50,
  /** Subscribes of one socket at once, and how many a second come back. */
  subscribeBurst: 100,
  subscribesPerSecond: 10,
  /** Refreshes of its token at once, and how many a second come back: each has all its rooms authorised anew. */
  refreshBurst: 5,
  refreshesPerSecond: 0.2,
  /** Messages of one socket that wait for those before them. */
  waitingMessages: 200,
  /** A message of a client. */
  messageBytes: 128 * 1024,
  /** The data of one delta, as JSON; more than that and the subscribers are told to subscribe again. */
  deltaBytes: 1024 * 1024,
  /** What waits for one socket that does not read. */
  backlogBytes: 8 * 1024 * 1024,
  /** So long may a transport be blocked. */
  blockedMs: 10_000,
  /** Deltas that a room keeps for those who come back, and their bytes. */
  keptDeltas: 200,
  keptBytes: 1024 * 1024,
  /** Between two updates of a room. */
  updateGapMs: 250,
} as const;

/** `auth:expiring` comes so long before the end of a token. */
export const EXPIRY_NOTICE_MS = 60_000;
/** Everybody is authorised again at least so often. */
export const REAUTHORISE_MS = 60_000;
