import assert from 'node:assert/strict';

/** (memory 1) (func (export "load") (param i32) (result i32) local.get 0 i32.load) */
const WASM = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    [0x01, 0x06, 0x01, 0x60, 0x01, 0x7f, 0x01, 0x7f],
    [0x03, 0x02, 0x01, 0x00],
    [0x05, 0x03, 0x01, 0x00, 0x01],
    [0x07, 0x08, 0x01, 0x04, 0x6c, 0x6f, 0x61, 0x64, 0x00, 0x00],
    [0x0a, 0x09, 0x01, 0x07, 0x00, 0x20, 0x00, 0x28, 0x02, 0x00, 0x0b],
  ].flat(),
);

function loader() {
  return new WebAssembly.Instance(new WebAssembly.Module(WASM)).exports.load;
}

function trap(load) {
  assert.equal(load(0), 0);
  assert.throws(() => load(0x7fffffff), WebAssembly.RuntimeError);
}

export function wasmTraps({ handOver }) {
  const load = loader();
  for (let i = 0; i < 200; i++) {
    handOver();
    trap(load);
  }
  return 'trapped';
}

function recurse(depth) {
  return recurse(depth + 1) + 1;
}

export function stackOverflow({ handOver }) {
  for (let i = 0; i < 20; i++) {
    handOver();
    assert.throws(() => recurse(0), RangeError);
  }
  return 'RangeError';
}

/** One call whose ring cannot be read: -EFAULT, by fault fix-up. */
function badRing({ native, carried, ownRing, submit, NR }) {
  if (!carried) return -14;
  const ring = ownRing();
  const { address } = ring;
  ring.address = 0x10n;
  const { value } = submit(NR.getpid);
  ring.address = address;
  assert.equal(native.gettid() > 0, true);
  return value;
}

/** Ten traps and ten bad rings in turn. */
function faultsOfBothKinds(context, load) {
  for (let i = 0; i < 10; i++) {
    trap(load);
    assert.equal(badRing(context), -14);
    context.handOver();
  }
}

export async function sigsegvListener(context) {
  const load = loader();
  let heard = 0;
  const listener = () => {
    heard++;
  };
  faultsOfBothKinds(context, load);
  process.on('SIGSEGV', listener);
  faultsOfBothKinds(context, load);
  process.kill(process.pid, 'SIGSEGV');
  for (let i = 0; i < 100 && heard === 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  faultsOfBothKinds(context, load);
  process.off('SIGSEGV', listener);
  faultsOfBothKinds(context, load);
  return { heard };
}

/** A real crash is still a crash: nothing swallows it, and it does not spin. */
export function realCrash({ handOver }) {
  handOver();
  process.abort();
}
