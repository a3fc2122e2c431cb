/** What a model's operation returns where it cannot be done now: an empty queue's pop that waits. */
export const blocked: unique symbol = Symbol.for('syslets.blocked') as never;

/** What an operation returns that gave up waiting; it has had no effect. */
export const cancelled: unique symbol = Symbol.for('syslets.cancelled') as never;
