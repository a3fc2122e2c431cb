export const PUBLIC: readonly string[];
export const STARTED: readonly string[];
