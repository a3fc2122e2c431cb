// The same as read.c, in Rust: rustc read.rs -L native=PREFIX/lib -l syslets
use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_long};

const SYS_READ: c_long = 0; // on x86_64

#[repr(C)]
struct AttachOptions {
    watcher: c_int,
    overflow: c_int,
    v7: c_int,
    max_tasks: u32,
    idle_ms: u32,
    trace: *mut u8,
    trace_bytes: u64,
    trace_tasks: u32,
}

#[repr(C)]
struct Attached {
    context: u32,
    tid: u32,
    why: *const c_char,
}

#[repr(C)]
struct CallResult {
    value: c_long,
    pending: c_long,
}

#[repr(C)]
#[derive(Default)]
struct Completion {
    status: u64,
    caller_data: u64,
}

enum Ring {}

extern "C" {
    fn syslet_attach(how: *const AttachOptions, attached: *mut Attached) -> c_int;
    fn syslet_detach() -> c_int;
    fn syslet_ring_create(elements: u32, ring: *mut *mut Ring) -> c_int;
    fn syslet_ring_destroy(ring: *mut Ring);
    fn syslet_submit(ring: *mut Ring, data: u64, nr: c_long, args: *const u64) -> CallResult;
    fn syslet_ring_reap_wait(r: *mut Ring, into: *mut Completion, most: u32, ns: u64) -> c_long;
    fn pipe(ends: *mut c_int) -> c_int;
    fn write(fd: c_int, bytes: *const u8, count: usize) -> isize;
}

fn main() {
    let (mut ends, mut text, mut done) = ([0; 2], [0u8; 16], Completion::default());
    let mut ring = std::ptr::null_mut();
    let mut attached = Attached { context: 0, tid: 0, why: std::ptr::null() };
    // SAFETY: zeros are the defaults; ring, text and args outlive the call that uses them
    unsafe {
        let how: AttachOptions = std::mem::zeroed();
        assert!(pipe(ends.as_mut_ptr()) == 0 && syslet_ring_create(64, &mut ring) == 0);
        if syslet_attach(&how, &mut attached) != 0 {
            panic!("attach: {:?}", CStr::from_ptr(attached.why));
        }
        let args = [ends[0] as u64, text.as_mut_ptr() as u64, text.len() as u64, 0, 0, 0];
        let read = syslet_submit(ring, 42, SYS_READ, args.as_ptr());
        println!("pending: {}", (read.pending != 0) as i32);
        write(ends[1], b"hello".as_ptr(), 5);
        syslet_ring_reap_wait(ring, &mut done, 1, 0);
        syslet_detach();
        syslet_ring_destroy(ring);
    }
    let bytes = done.status as usize;
    let said = String::from_utf8_lossy(&text[..bytes]).into_owned();
    println!("call {} read {} bytes: {}", done.caller_data, bytes, said);
}
