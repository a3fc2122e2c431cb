export { errorName, NativeUnavailableError, SysletsError } from './errors.ts';
