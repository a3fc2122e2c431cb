// SPDX-License-Identifier: MIT
// An environment comes and goes: attach, detach, its watcher and its trace.

#include <cstring>
#include <string>

#include <sys/mman.h>

#include "addon/addon.h"
#include "addon/instance.h"

namespace {

// What libuv calls the errno, for error.code.
std::string CodeOf(Napi::Env env, int error)
{
	switch (error) {
	case 1: return "EPERM";
	case 2: return "ENOENT";
	case 11: return "EAGAIN";
	case 12: return "ENOMEM";
	case 13: return "EACCES";
	case 16: return "EBUSY";
	case 17: return "EEXIST";
	case 20: return "ENOTDIR";
	case 22: return "EINVAL";
	case 23: return "ENFILE";
	case 24: return "EMFILE";
	case 28: return "ENOSPC";
	case 30: return "EROFS";
	case 38: return "ENOSYS";
	case 95: return "ENOTSUP";
	default: return "E" + std::to_string(error);
	}
}

syslet_policy PolicyOf(const std::string &name)
{
	return name == "v7" ? SYSLET_POLICY_V7 : SYSLET_POLICY_DEFAULT;
}

void Throw(Napi::Env env, int error, const char *syscall, const std::string &message)
{
	Napi::Error thrown = Napi::Error::New(env, message);

	thrown.Set("errno", Napi::Number::New(env, -error));
	thrown.Set("code", CodeOf(env, error));
	thrown.Set("syscall", syscall);
	thrown.ThrowAsJavaScriptException();
}

const char *const watcher_names[] = {"auto", "perf", "sampler", "spin", "clock"};

syslet_watcher WatcherOf(const std::string &name)
{
	for (int i = 0; i < 5; i++)
		if (name == watcher_names[i])
			return static_cast<syslet_watcher>(i);
	return SYSLET_WATCHER_AUTO;
}

syslet_overflow OverflowOf(const std::string &name)
{
	if (name == "block")
		return SYSLET_OVERFLOW_BLOCK;
	return name == "v7" ? SYSLET_OVERFLOW_V7 : SYSLET_OVERFLOW_RESERVE;
}

Napi::Object WatcherInfo(Napi::Env env)
{
	const char *why;
	int perf_errno;
	syslet_watcher watcher = syslet_current_watcher(&why, &perf_errno);
	Napi::Object info = Napi::Object::New(env);
	std::string reason = why;

	if (perf_errno != 0)
		reason += std::string(": ") + strerror(perf_errno);
	info.Set("watcher", watcher_names[watcher]);
	info.Set("watcherReason", reason);
	return info;
}

void ReleaseTrace(Instance &own)
{
	if (own.trace_file != nullptr)
		munmap(own.trace_file, own.trace_bytes);
	own.trace_file = nullptr;
	own.trace.Reset();
}

// What the options say. A worker that is being terminated can read no property, and a getter can
// throw: has_failed then, and nothing of it is used. A Napi::Value of a read that failed has no
// environment, and what is asked of it ends the process.
class Options {
public:
	explicit Options(const Napi::CallbackInfo &info) : env(info.Env()), object(info[0])
	{
	}

	Napi::Value Get(const char *name)
	{
		napi_value value;

		if (napi_get_named_property(env, object, name, &value) != napi_ok) {
			has_failed = true;
			return env.Undefined();
		}
		return Napi::Value(env, value);
	}

	// Empty where it is not given.
	std::string Text(const char *name)
	{
		Napi::Value value = Get(name);

		return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
	}

	// 0, the C interface's own default, where it is not given.
	int64_t Number(const char *name)
	{
		Napi::Value value = Get(name);

		return value.IsNumber() ? value.As<Napi::Number>().Int64Value() : 0;
	}

	uint32_t Number32(const char *name)
	{
		return static_cast<uint32_t>(Number(name));
	}

	bool has_failed = false;

private:
	Napi::Env env;
	napi_value object;
};

// The trace that is asked for: in the program's own memory, or in a new file.
struct TraceOptions {
	explicit TraceOptions(Options &options)
		: memory(options.Get("trace")), path(options.Text("traceFile")),
		  bytes(static_cast<size_t>(options.Number("traceBytes"))), tasks(options.Number32("traceTasks"))
	{
	}

	Napi::Value memory;
	std::string path;
	size_t bytes;
	uint32_t tasks;
};

// 0 or an errno.
int TakeTrace(Napi::Env env, const TraceOptions &asked, struct syslet_attach_options *how)
{
	Instance &own = Own(env);
	int error = 0;

	if (asked.memory.IsTypedArray()) {
		Napi::TypedArray trace = asked.memory.As<Napi::TypedArray>();
		own.trace = Napi::Persistent(static_cast<Napi::Object>(trace));
		how->trace = DataOf(env, trace);
		how->trace_bytes = trace.ByteLength();
	} else if (!asked.path.empty()) {
		own.trace_bytes = asked.bytes;
		own.trace_file = MapTraceFile(asked.path.c_str(), own.trace_bytes, &error);
		how->trace = own.trace_file;
		how->trace_bytes = own.trace_bytes;
	} else {
		return 0;
	}
	how->trace_tasks = asked.tasks;
	return error;
}

int Detach(Napi::Env env)
{
	Instance &own = Own(env);
	int interrupted = syslet_detach_pinned([](void *data, syslet_pin_record *record) {
		DeletePins(static_cast<napi_env>(data), record);
	}, static_cast<napi_env>(env));

	if (interrupted < 0)
		return interrupted;
	own.attached = false;
	hot_set_blocks(own.hot, nullptr, 0);
	own.calls.Reset();
	ReleaseTrace(own);
	return interrupted;
}

// The environment ends: the context comes home first, since the worker's thread can only end
// on the OS thread on which it was born.
void OnEnvironmentEnd(void *data)
{
	Napi::Env env(static_cast<napi_env>(data));

	if (Own(env).attached)
		Detach(env);
}

Napi::Value Attach(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Options options(info);
	Napi::TypedArray calls = options.Get("calls").As<Napi::TypedArray>();
	TraceOptions trace(options);
	struct syslet_attach_options how = {};
	struct syslet_attached attached;

	how.watcher = WatcherOf(options.Text("watcher"));
	how.overflow = OverflowOf(options.Text("overflow"));
	how.max_tasks = options.Number32("maxTasks");
	how.idle_ms = options.Number32("idleMs");
	how.policy = PolicyOf(options.Text("policy"));
	if (options.has_failed)
		return env.Undefined();
	// Its trace is the live one: nothing of it is touched before the kernel side has refused.
	int error = syslet_is_attached() ? 0 : TakeTrace(env, trace, &how);
	if (error != 0) {
		Throw(env, error, "attach", "attach: the trace's file " + trace.path +
						    " cannot be made: " + strerror(error));
		return env.Undefined();
	}
	syslet_start_signal_thread();
	error = syslet_attach(&how, &attached);
	if (error != 0) {
		if (!Own(env).attached)
			ReleaseTrace(Own(env));
		Throw(env, -error, "attach", std::string("attach: ") + attached.why + " (" +
						     strerror(-error) + ")");
		return env.Undefined();
	}
	Instance &own = Own(env);
	own.attached = true;
	syslet_when_unwatched(SYSLET_UNWATCHED_LOOKS);
	own.calls = Napi::Persistent(static_cast<Napi::Object>(calls));
	hot_set_blocks(own.hot, DataOf(env, calls), calls.ByteLength());
	napi_add_env_cleanup_hook(env, OnEnvironmentEnd, static_cast<napi_env>(env));
	Napi::Object result = WatcherInfo(env);
	result.Set("context", attached.context);
	result.Set("tid", attached.tid);
	return result;
}

Napi::Value DetachFromJs(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object result = Napi::Object::New(env);
	int interrupted = Detach(env);

	if (interrupted < 0) {
		Throw(env, -interrupted, "detach",
		      std::string("detach: ") + strerror(-interrupted));
		return env.Undefined();
	}
	napi_remove_env_cleanup_hook(env, OnEnvironmentEnd, static_cast<napi_env>(env));
	result.Set("interrupted", interrupted);
	return result;
}

Napi::Value Watcher(const Napi::CallbackInfo &info)
{
	return WatcherInfo(info.Env());
}

} // namespace

void ExportAttach(Napi::Env env, Napi::Object exports)
{
	exports.Set("attach", Napi::Function::New<Attach>(env, "attach"));
	exports.Set("detach", Napi::Function::New<DetachFromJs>(env, "detach"));
	exports.Set("watcher", Napi::Function::New<Watcher>(env, "watcher"));
}
