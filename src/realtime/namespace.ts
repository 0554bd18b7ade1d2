export const REALTIME_NAMESPACE = '/realtime';
