{
  "variables": {
    "kernel_sources": [
      "native/kernel/check.c",
      "native/kernel/close.c",
      "native/kernel/complete.c",
      "native/kernel/counters.c",
      "native/kernel/dispatch.c",
      "native/kernel/entry.c",
      "native/kernel/init.c",
      "native/kernel/indirect.c",
      "native/kernel/limit.c",
      "native/kernel/lock.c",
      "native/kernel/policy.c",
      "native/kernel/pool.c",
      "native/kernel/refuse.c",
      "native/kernel/renew.c",
      "native/kernel/restart.c",
      "native/kernel/ring-state.c",
      "native/kernel/ring.c",
      "native/kernel/socket-limit.c",
      "native/kernel/spare.c",
      "native/kernel/string.c",
      "native/kernel/syslet.c",
      "native/kernel/task.c",
      "native/kernel/trace.c",
      "native/kernel/wait.c"
    ],
    "arch_x86_64_sources": [
      "native/arch/x86_64/arch.c",
      "native/arch/x86_64/entry.S"
    ],
    "arch_generic_sources": [
      "native/arch/generic/arch.c"
    ],
    "watch_sources": [
      "native/watch/descriptors.c",
      "native/watch/clock.c",
      "native/watch/perf-event.c",
      "native/watch/perf.c",
      "native/watch/sampler.c",
      "native/watch/watch.c"
    ],
    "host_sources": [
      "native/host/attach.c",
      "native/host/attributes.c",
      "native/host/credentials.c",
      "native/host/identity.c",
      "native/host/name.c",
      "native/host/nudge.c",
      "native/host/signals.c",
      "native/host/stack.c",
      "native/host/status.c",
      "native/host/thread.c"
    ],
    "user_sources": [
      "native/user/attached.c",
      "native/user/interpose.c",
      "native/user/libc.c",
      "native/user/user.c"
    ],
    "sim_instrumented_sources": [
      "native/arch/sim/arch.c",
      "native/sim/contexts.c",
      "native/sim/eyes.c",
      "native/sim/host.c",
      "native/sim/scenarios/detach.c",
      "native/sim/scenarios/dispatch.c",
      "native/sim/scenarios/fitness.c",
      "native/sim/scenarios/hand-over.c",
      "native/sim/scenarios/litmus-x86.c",
      "native/sim/scenarios/litmus.c",
      "native/sim/scenarios/park.c",
      "native/sim/scenarios/ring.c",
      "native/sim/scenarios/signals.c",
      "native/sim/scenarios/threads.c",
      "native/sim/user.c"
    ],
    "sim_engine_sources": [
      "native/sim/access.c",
      "native/sim/buffer.c",
      "native/sim/coroutine.c",
      "native/sim/main.c",
      "native/sim/memory.c",
      "native/sim/names.c",
      "native/sim/outcome.c",
      "native/sim/scenarios/table.c",
      "native/sim/schedule.c",
      "native/sim/search.c",
      "native/sim/step.c",
      "native/sim/transition.c"
    ],
    "addon_sources": [
      "native/addon/actors.c",
      "native/addon/addon.cc",
      "native/addon/baseline.c",
      "native/addon/bench.c",
      "native/addon/hot.c",
      "native/addon/poll.c",
      "native/addon/shapes.c",
      "native/addon/signal-storm.c",
      "native/addon/store.cc",
      "native/addon/trace-file.c"
    ]
  }
}
