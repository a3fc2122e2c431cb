import { expectTypeOf, it } from 'vitest';
import {
  type Dirents,
  type EpollEvents,
  type MaybePromise,
  type Stat,
  type Statx,
  type SysOptions,
  sys,
} from '../../lib/index.ts';

// `npm run typecheck` is what judges this file: an @ts-expect-error without an error fails there.

const bytes = Buffer.alloc(1);
const options: SysOptions = { timeoutMs: 5 };

/** Never run. */
const right = async () => {
  expectTypeOf(sys.read(0, bytes)).toEqualTypeOf<MaybePromise<number>>();
  expectTypeOf(sys.read.sync(0, bytes)).toEqualTypeOf<number>();
  expectTypeOf(sys.read.async(0, bytes, options)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(sys.lseek(0, 5n, 0)).toEqualTypeOf<MaybePromise<bigint>>();
  expectTypeOf(sys.stat('/')).toEqualTypeOf<MaybePromise<Stat>>();
  expectTypeOf((await sys.stat('/')).st_size).toEqualTypeOf<bigint>();
  expectTypeOf((await sys.stat('/')).st_mtim.tv_sec).toEqualTypeOf<bigint>();
  expectTypeOf((await sys.stat('/')).st_mode).toEqualTypeOf<number>();
  expectTypeOf(await sys.statx(-100, '/')).toEqualTypeOf<Statx>();
  expectTypeOf(await sys.getdents64(0, bytes)).toEqualTypeOf<Dirents>();
  expectTypeOf(await sys.epoll_wait(0, bytes)).toEqualTypeOf<EpollEvents>();
  expectTypeOf(await sys.eventfd_read(0)).toEqualTypeOf<bigint>();
  expectTypeOf(sys.call('getpid')).toEqualTypeOf<MaybePromise<number>>();
  expectTypeOf(sys.call.sync(39)).toEqualTypeOf<number>();
  expectTypeOf<Parameters<typeof sys.pread.sync>>().toEqualTypeOf<
    [fd: number, buffer: ArrayBufferView, offset: number | bigint]
  >();
  sys.openat(-100, Buffer.from('/'), 0);
  sys.openat(-100, '/', 0, 0o600, options);
  sys.call('mkdir', '/tmp/x', 0o700, options);
};

/** Never run: each line must fail to compile. */
const wrong = () => {
  // @ts-expect-error no such call
  sys.raed(0, bytes);
  // @ts-expect-error no buffer
  sys.read(0);
  // @ts-expect-error a string for a descriptor
  sys.read('0', bytes);
  // @ts-expect-error an ArrayBuffer for a view
  sys.read(0, new ArrayBuffer(1));
  // @ts-expect-error no such option
  sys.read(0, bytes, { timeout: 5 });
  // @ts-expect-error options of a call that is waited for
  sys.read.sync(0, bytes, options);
  // @ts-expect-error an offset is no string
  sys.pread(0, bytes, '5');
  // @ts-expect-error a result that may be a promise
  sys.read(0, bytes) + 1;
  // @ts-expect-error no such member
  sys.stat.sync('/').st_sice;
  // @ts-expect-error no such system call
  sys.call('getpit');
  // @ts-expect-error null is no path
  sys.stat(null);
  // @ts-expect-error sys is what it is
  sys.read = sys.write;
  // @ts-expect-error no such option
  sys.configure({ tasks: 5 });
};

it('infers types of arguments and results, and refuses the rest at compile time', () => {
  expectTypeOf(right).toBeFunction();
  expectTypeOf(wrong).toBeFunction();
});
