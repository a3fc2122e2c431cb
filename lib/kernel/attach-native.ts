import { constants } from 'node:os';
import type { NativeAttachInfo, NativeBinding } from '../binding.ts';
import { SysletsError } from '../errors.ts';

/** Attaches, and throws one class for all failed calls, this one too. */
export function attachNative(
  binding: NativeBinding,
  options: Parameters<NativeBinding['attach']>[0],
): NativeAttachInfo {
  try {
    return binding.attach(options);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const errno = constants.errno[code as keyof typeof constants.errno];
    if (errno === undefined) throw error;
    throw new SysletsError('attach', -errno, message.replace(/^attach: /, ''));
  }
}
