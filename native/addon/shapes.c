/* SPDX-License-Identifier: MIT */
#include "addon/addon.h"
#include "syslets/call.h"
#include "syslets/trace.h"

#define STRUCT(type, name)                                                                         \
	{                                                                                          \
		name, NULL, (uint32_t) _Alignof(type), (uint32_t)sizeof(type)                      \
	}
#define FIELD(type, name, field)                                                                   \
	{                                                                                          \
		name, #field, (uint32_t)offsetof(type, field),                                     \
			(uint32_t)sizeof(((type *)0)->field)                                       \
	}
#define ARRAY_FIELD(type, name, field)                                                             \
	{                                                                                          \
		name, #field, (uint32_t)offsetof(type, field), 0                                   \
	}

static const struct shape_row rows[] = {
	STRUCT(struct syslet_frame, "syslet_frame"),
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)
	FIELD(struct syslet_frame, "syslet_frame", ip),
	FIELD(struct syslet_frame, "syslet_frame", sp),
#endif
	STRUCT(struct syslet_args, "syslet_args"),
	FIELD(struct syslet_args, "syslet_args", completion_ring_ptr),
	FIELD(struct syslet_args, "syslet_args", caller_data),
	FIELD(struct syslet_args, "syslet_args", frame),
	STRUCT(struct syslet_completion, "syslet_completion"),
	FIELD(struct syslet_completion, "syslet_completion", status),
	FIELD(struct syslet_completion, "syslet_completion", caller_data),
	STRUCT(struct syslet_ring, "syslet_ring"),
	FIELD(struct syslet_ring, "syslet_ring", kernel_head),
	FIELD(struct syslet_ring, "syslet_ring", user_tail),
	FIELD(struct syslet_ring, "syslet_ring", elements),
	FIELD(struct syslet_ring, "syslet_ring", wait_group),
	ARRAY_FIELD(struct syslet_ring, "syslet_ring", comp),
	STRUCT(struct indirect_registers, "indirect_registers"),
#if defined(__x86_64__)
	FIELD(struct indirect_registers, "indirect_registers", rax),
	FIELD(struct indirect_registers, "indirect_registers", rdi),
	FIELD(struct indirect_registers, "indirect_registers", rsi),
	FIELD(struct indirect_registers, "indirect_registers", rdx),
	FIELD(struct indirect_registers, "indirect_registers", r10),
	FIELD(struct indirect_registers, "indirect_registers", r8),
	FIELD(struct indirect_registers, "indirect_registers", r9),
	STRUCT(struct indirect_registers32, "indirect_registers32"),
	FIELD(struct indirect_registers32, "indirect_registers32", eax),
	FIELD(struct indirect_registers32, "indirect_registers32", ebx),
	FIELD(struct indirect_registers32, "indirect_registers32", ecx),
	FIELD(struct indirect_registers32, "indirect_registers32", edx),
	FIELD(struct indirect_registers32, "indirect_registers32", esi),
	FIELD(struct indirect_registers32, "indirect_registers32", edi),
	FIELD(struct indirect_registers32, "indirect_registers32", ebp),
#elif defined(__aarch64__)
	FIELD(struct indirect_registers, "indirect_registers", x8),
	FIELD(struct indirect_registers, "indirect_registers", x0),
	FIELD(struct indirect_registers, "indirect_registers", x1),
	FIELD(struct indirect_registers, "indirect_registers", x2),
	FIELD(struct indirect_registers, "indirect_registers", x3),
	FIELD(struct indirect_registers, "indirect_registers", x4),
	FIELD(struct indirect_registers, "indirect_registers", x5),
#endif
	STRUCT(union indirect_params, "indirect_params"),
	FIELD(union indirect_params, "indirect_params", file_flags),
	FIELD(union indirect_params, "indirect_params", syslet),
	STRUCT(struct indirect_params_both, "indirect_params_both"),
	FIELD(struct indirect_params_both, "indirect_params_both", syslet),
	FIELD(struct indirect_params_both, "indirect_params_both", file_flags),
	STRUCT(struct syslet_result_place, "syslet_result_place"),
	FIELD(struct syslet_result_place, "syslet_result_place", status_ptr),
	FIELD(struct syslet_result_place, "syslet_result_place", done_ptr),
	FIELD(struct syslet_result_place, "syslet_result_place", flags),
	FIELD(struct syslet_result_place, "syslet_result_place", eventfd),
	STRUCT(struct indirect_params_placed, "indirect_params_placed"),
	FIELD(struct indirect_params_placed, "indirect_params_placed", syslet),
	FIELD(struct indirect_params_placed, "indirect_params_placed", file_flags),
	FIELD(struct indirect_params_placed, "indirect_params_placed", reserved),
	FIELD(struct indirect_params_placed, "indirect_params_placed", place),
	STRUCT(struct syslet_call, "syslet_call"),
	FIELD(struct syslet_call, "syslet_call", regs),
	FIELD(struct syslet_call, "syslet_call", params),
	FIELD(struct syslet_call, "syslet_call", result),
	FIELD(struct syslet_call, "syslet_call", paramslen),
	FIELD(struct syslet_call, "syslet_call", pending),
	FIELD(struct syslet_call, "syslet_call", task),
	FIELD(struct syslet_call, "syslet_call", slept),
	STRUCT(struct syslet_trace, "syslet_trace"),
	FIELD(struct syslet_trace, "syslet_trace", magic),
	FIELD(struct syslet_trace, "syslet_trace", context),
	FIELD(struct syslet_trace, "syslet_trace", pid),
	FIELD(struct syslet_trace, "syslet_trace", tasks),
	FIELD(struct syslet_trace, "syslet_trace", events),
	FIELD(struct syslet_trace, "syslet_trace", used),
	FIELD(struct syslet_trace, "syslet_trace", stack_bytes),
	FIELD(struct syslet_trace, "syslet_trace", unrecorded),
	FIELD(struct syslet_trace, "syslet_trace", time),
	FIELD(struct syslet_trace, "syslet_trace", ns),
	FIELD(struct syslet_trace, "syslet_trace", time_end),
	FIELD(struct syslet_trace, "syslet_trace", ns_end),
	FIELD(struct syslet_trace, "syslet_trace", detached),
	STRUCT(struct syslet_trace_task, "syslet_trace_task"),
	FIELD(struct syslet_trace_task, "syslet_trace_task", written),
	FIELD(struct syslet_trace_task, "syslet_trace_task", stack),
	FIELD(struct syslet_trace_task, "syslet_trace_task", task),
	FIELD(struct syslet_trace_task, "syslet_trace_task", tid),
	FIELD(struct syslet_trace_task, "syslet_trace_task", name),
	STRUCT(struct syslet_trace_event, "syslet_trace_event"),
	FIELD(struct syslet_trace_event, "syslet_trace_event", time),
	FIELD(struct syslet_trace_event, "syslet_trace_event", nr),
	FIELD(struct syslet_trace_event, "syslet_trace_event", kind),
	FIELD(struct syslet_trace_event, "syslet_trace_event", seq),
	FIELD(struct syslet_trace_event, "syslet_trace_event", other),
	FIELD(struct syslet_trace_event, "syslet_trace_event", data),
	FIELD(struct syslet_trace_event, "syslet_trace_event", value),
};

const struct shape_row *shape_at(unsigned i)
{
	return i < sizeof(rows) / sizeof(rows[0]) ? &rows[i] : NULL;
}

static const struct {
	const char *name;
	size_t offset;
} counter_rows[] = {
#define X(name, ts, kind) {#ts, offsetof(struct syslet_counters, name)},
	SYSLET_COUNTERS(X)
#undef X
};

/* The i-th counter's TypeScript name and its value there, or NULL past the last. */
const char *counter_name(unsigned i, const struct syslet_counters *counters, uint64_t *value)
{
	if (i >= sizeof(counter_rows) / sizeof(counter_rows[0]))
		return NULL;
	*value = *(const uint64_t *)((const char *)counters + counter_rows[i].offset);
	return counter_rows[i].name;
}
