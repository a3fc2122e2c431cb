import { layout, placeOf, syslet_call } from '../abi/index.ts';
import { hostTarget } from '../host-target.ts';

/** Where the members of a submission block lie, as indexes of an Int32Array over it. */
const word = (path: string): number =>
  placeOf(syslet_call, hostTarget, path).offset / Int32Array.BYTES_PER_ELEMENT;

const registers = layout(syslet_call, hostTarget).fields[0];
if (registers?.name !== 'regs') throw new Error('struct syslet_call does not begin with regs');

export const CALL_BYTES = layout(syslet_call, hostTarget).size;
export const CALL_WORDS = CALL_BYTES / Int32Array.BYTES_PER_ELEMENT;
export const ARGUMENTS = 6;

/** A number and six arguments, u64 each, on every processor that syslets run on. */
export const CALL_NR = word('regs');
export const FIRST_ARG = CALL_NR + 2;

export const PARAMS = word('params');
export const RING = word('params.syslet.completion_ring_ptr');
export const CALLER_DATA = word('params.syslet.caller_data');
export const FILE_FLAGS = word('params.file_flags.flags');
export const FRAME = word('params.syslet.frame');
export const FRAME_IP = FRAME;
export const FRAME_SP = FRAME + 2;

export const PARAMSLEN = word('paramslen');
export const PENDING = word('pending');
export const TASK = word('task');
export const SLEPT = word('slept');
export const RESULT = word('result');
export const KEPT = word('kept');

const params = placeOf(syslet_call, hostTarget, 'params');
export const PARAMS_BYTES = params.size;
export const FILE_FLAGS_BYTES = placeOf(syslet_call, hostTarget, 'params.file_flags').size;
