// SPDX-License-Identifier: MIT
// The addon's JavaScript face. TypeScript validates, this file converts, C asserts.
// lib/binding.ts has the types of what is exported here.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>

#include <napi.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "addon/actors.h"
#include "addon/addon.h"
#include "addon/baseline.h"
#include "addon/store.h"
#include "addon/trace-file.h"

namespace {

// What an environment (main thread or worker) has of us.
struct Instance {
	void *hot = nullptr;
	Napi::ObjectReference calls;	 // the blocks of attach: pinned while attached
	Napi::ObjectReference bare_calls; // of bareSetup
	std::set<uint64_t> functions;	 // that a frame may name
	bool attached = false;
	Napi::ObjectReference trace; // its memory, or that of a mapped file
	void *trace_file = nullptr;
	size_t trace_bytes = 0;
};

// A pin: the objects of one call in flight. The C core links these records.
struct Pin {
	syslet_pin_record link; // first: the record is the pin
	napi_ref objects;
	Stores stores; // their memory, which can be transferred
};

Instance &Own(Napi::Env env)
{
	return *env.GetInstanceData<Instance>();
}

Napi::Value BigInt(Napi::Env env, uint64_t value)
{
	return Napi::BigInt::New(env, value);
}

uint64_t ToU64(const Napi::Value &value)
{
	bool lossless = true;

	if (value.IsBigInt())
		return value.As<Napi::BigInt>().Uint64Value(&lossless);
	return static_cast<uint64_t>(value.As<Napi::Number>().Int64Value());
}

// The OS thread that runs JavaScript right now: by raw system call, since glibc's and libuv's
// idea of it stays with the thread on which the context was born.
Napi::Value Gettid(const Napi::CallbackInfo &info)
{
	return Napi::Number::New(info.Env(), static_cast<double>(syscall(SYS_gettid)));
}

// First byte of a typed array or DataView. The typed-array call is the only one in Node 20's
// Node-API that gives the live address of a SharedArrayBuffer.
void *DataOf(napi_env env, const Napi::Value &view)
{
	void *data = nullptr;

	if (view.IsTypedArray())
		napi_get_typedarray_info(env, view, nullptr, nullptr, &data, nullptr, nullptr);
	else
		napi_get_dataview_info(env, view, nullptr, &data, nullptr, nullptr);
	return data;
}

Napi::Value AddressOf(const Napi::CallbackInfo &info)
{
	return BigInt(info.Env(), reinterpret_cast<uintptr_t>(DataOf(info.Env(), info[0])));
}

Napi::Value Shapes(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object shapes = Napi::Object::New(env);

	for (unsigned i = 0; const shape_row *row = shape_at(i); i++) {
		Napi::Object shape;

		if (row->field == nullptr) {
			shape = Napi::Object::New(env);
			shape.Set("size", row->size);
			shape.Set("align", row->offset);
			shape.Set("fields", Napi::Object::New(env));
			shapes.Set(row->structure, shape);
			continue;
		}
		Napi::Object field = Napi::Object::New(env);
		field.Set("offset", row->offset);
		field.Set("size", row->size);
		shape = shapes.Get(row->structure).As<Napi::Object>();
		shape.Get("fields").As<Napi::Object>().Set(row->field, field);
	}
	return shapes;
}

Napi::Value Functions(const Napi::CallbackInfo &info)
{
	Napi::Object functions = Napi::Object::New(info.Env());

	functions.Set("park", BigInt(info.Env(), syslet_park_ip()));
	functions.Set("exit", BigInt(info.Env(), syslet_exit_ip()));
	return functions;
}

void RegisterFunction(const Napi::CallbackInfo &info)
{
	Own(info.Env()).functions.insert(ToU64(info[0]));
}

Napi::Value IsRegistered(const Napi::CallbackInfo &info)
{
	return Napi::Boolean::New(info.Env(), Own(info.Env()).functions.count(ToU64(info[0])) != 0);
}

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

void DeletePins(napi_env env, syslet_pin_record *record)
{
	while (record != nullptr) {
		Pin *pin = reinterpret_cast<Pin *>(record);

		record = record->next;
		napi_delete_reference(env, pin->objects);
		delete pin;
	}
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
	trace_file_unmap(own.trace_file, own.trace_bytes);
	own.trace_file = nullptr;
	own.trace.Reset();
}

// Memory of the trace that the options ask for: the program's own, or a new file's. 0 or an errno.
int TakeTrace(Napi::Env env, const Napi::Object &options, struct syslet_attach_options *how)
{
	Instance &own = Own(env);
	int error = 0;

	if (options.Has("trace")) {
		Napi::TypedArray trace = options.Get("trace").As<Napi::TypedArray>();
		own.trace = Napi::Persistent(static_cast<Napi::Object>(trace));
		how->trace = DataOf(env, trace);
		how->trace_bytes = trace.ByteLength();
	} else if (options.Has("traceFile")) {
		std::string path = options.Get("traceFile").ToString();
		own.trace_bytes = static_cast<size_t>(options.Get("traceBytes").ToNumber().Int64Value());
		own.trace_file = trace_file_map(path.c_str(), own.trace_bytes, &error);
		how->trace = own.trace_file;
		how->trace_bytes = own.trace_bytes;
	} else {
		return 0;
	}
	how->trace_tasks = options.Get("traceTasks").ToNumber().Uint32Value();
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

// 0, the C interface's own default, where it is not given.
uint32_t NumberOf(const Napi::Object &options, const char *name)
{
	Napi::Value value = options.Get(name);

	return value.IsNumber() ? value.As<Napi::Number>().Uint32Value() : 0;
}

Napi::Value Attach(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object options = info[0].As<Napi::Object>();
	Napi::TypedArray calls = options.Get("calls").As<Napi::TypedArray>();
	struct syslet_attach_options how = {};
	struct syslet_attached attached;

	how.watcher = WatcherOf(options.Get("watcher").ToString());
	how.overflow = OverflowOf(options.Get("overflow").ToString());
	how.max_tasks = NumberOf(options, "maxTasks");
	how.idle_ms = NumberOf(options, "idleMs");
	how.v7 = options.Get("policy").ToString().Utf8Value() == "v7";
	// Its trace is the live one: nothing of it is touched before the kernel side has refused.
	int error = syslet_is_attached() ? 0 : TakeTrace(env, options, &how);
	if (error != 0) {
		Throw(env, error, "attach", std::string("attach: the trace's file ") +
						    options.Get("traceFile").ToString().Utf8Value() +
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

void BareSetup(const Napi::CallbackInfo &info)
{
	Instance &own = Own(info.Env());

	own.bare_calls = Napi::Persistent(info[0].As<Napi::Object>());
	hot_set_bare_blocks(own.hot, DataOf(info.Env(), info[0]),
			    info[0].As<Napi::TypedArray>().ByteLength());
}

Napi::Value Indirect(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	struct syslet_call_result result =
		hot_indirect(env, Own(env).hot, ToU64(info[0]), ToU64(info[1]), ToU64(info[2]),
			     info[3].As<Napi::Number>().Int32Value());
	Napi::Object object = Napi::Object::New(env);

	object.Set("value", Napi::BigInt::New(env, static_cast<int64_t>(result.value)));
	object.Set("pending", Napi::Boolean::New(env, result.pending != 0));
	return object;
}

Napi::Value RingWait(const Napi::CallbackInfo &info)
{
	double timeout_ms = info[2].As<Napi::Number>().DoubleValue();
	long result = syslet_ring_wait(reinterpret_cast<const syslet_ring *>(ToU64(info[0])),
				       info[1].As<Napi::Number>().Uint32Value(),
				       static_cast<uint64_t>(timeout_ms * 1e6));

	return Napi::Number::New(info.Env(), static_cast<double>(result));
}

Napi::Value RingRoom(const Napi::CallbackInfo &info)
{
	if (!syslet_room_wanted())
		return Napi::Number::New(info.Env(), 0);
	return Napi::Number::New(
		info.Env(),
		static_cast<double>(syslet_ring_room(reinterpret_cast<const syslet_ring *>(ToU64(info[0])))));
}

Napi::Value Interrupt(const Napi::CallbackInfo &info)
{
	const syslet_ring *ring = reinterpret_cast<const syslet_ring *>(ToU64(info[0]));

	return Napi::Boolean::New(info.Env(), syslet_interrupt(ring, ToU64(info[1])) != 0);
}

void PinObjects(const Napi::CallbackInfo &info)
{
	if (!syslet_is_attached())
		return; // no call is in flight
	Pin *pin = new Pin();

	DeletePins(info.Env(), syslet_unpin());
	napi_create_reference(info.Env(), info[0], 1, &pin->objects);
	pin->stores = HoldStores(info.Env(), info[0]);
	syslet_pin(&pin->link);
}

Napi::Value Unpin(const Napi::CallbackInfo &info)
{
	syslet_pin_record *records = syslet_unpin();
	unsigned number = 0;

	for (syslet_pin_record *record = records; record != nullptr; record = record->next)
		number++;
	DeletePins(info.Env(), records);
	return Napi::Number::New(info.Env(), number);
}

Napi::Value HoldsMemory(const Napi::CallbackInfo &info)
{
	return Napi::Boolean::New(info.Env(), CanHoldStores());
}

Napi::Value Counters(const Napi::CallbackInfo &info)
{
	Napi::Object counters = Napi::Object::New(info.Env());
	struct syslet_counters now;
	uint64_t value;

	syslet_read_counters(&now);
	for (unsigned i = 0; const char *name = counter_name(i, &now, &value); i++)
		counters.Set(name, BigInt(info.Env(), value));
	return counters;
}

Napi::Value Doctor(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object doctor = Napi::Object::New(env);
	Napi::Array refused = Napi::Array::New(env);
	struct syslet_facts facts;

	for (unsigned i = 0; const struct syslet_refused_call *row = syslet_refused(i); i++) {
		Napi::Object call = Napi::Object::New(env);
		call.Set("name", row->name);
		call.Set("nr", row->nr);
		call.Set("reason", row->reason);
		refused.Set(i, call);
	}
	syslet_read_facts(&facts);
	doctor.Set("refused", refused);
	doctor.Set("arch", facts.arch);
	doctor.Set("handOff", Napi::Boolean::New(env, facts.hand_off != 0));
	doctor.Set("fsgsbase", Napi::Boolean::New(env, facts.fsgsbase != 0));
	doctor.Set("protectionKeys", Napi::Boolean::New(env, facts.protection_keys != 0));
	doctor.Set("perf", facts.perf_errno == 0 ? "ok" : strerror(facts.perf_errno));
	doctor.Set("sampler", facts.sampler_errno == 0 ? "ok" : strerror(facts.sampler_errno));
	doctor.Set("interruptSignal", facts.interrupt_signal);
	doctor.Set("spare", Napi::Boolean::New(env, facts.spare != 0));
	doctor.Set("guardian", Napi::Boolean::New(env, facts.guardian != 0));
	doctor.Set("descriptorsHeld", facts.descriptors_held);
	doctor.Set("descriptorsMissing", facts.descriptors_missing);
	doctor.Set("attached", Napi::Boolean::New(env, syslet_is_attached() != 0));
	return doctor;
}

napi_value HotFunction(napi_env env, const char *name, napi_callback callback, void *hot)
{
	napi_value function = nullptr;

	napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, hot, &function);
	return function;
}

Napi::Object Init(Napi::Env env, Napi::Object exports)
{
	Instance *own = new Instance();

	syslet_library_init();
	own->hot = hot_new();
	napi_add_env_cleanup_hook(env, free, own->hot); // the last to run: added first
	hot_set_nothing(own->hot, env, env.RunScript("(() => {})"));
	own->functions = {syslet_park_ip(), syslet_exit_ip()};
	env.SetInstanceData(own);
	exports.Set("call", Napi::Value(env, HotFunction(env, "call", hot_call, own->hot)));
	exports.Set("callUp", Napi::Value(env, HotFunction(env, "callUp", hot_call_up, own->hot)));
	exports.Set("callWatched",
		    Napi::Value(env, HotFunction(env, "callWatched", hot_call_watched, own->hot)));
	exports.Set("callMany",
		    Napi::Value(env, HotFunction(env, "callMany", hot_call_many, own->hot)));
	exports.Set("dispatch",
		    Napi::Value(env, HotFunction(env, "dispatch", hot_dispatch, own->hot)));
	exports.Set("interrupt", Napi::Function::New<Interrupt>(env, "interrupt"));
	export_poll(env, exports);
	export_hold(env, exports);
	exports.Set("bareCall",
		    Napi::Value(env, HotFunction(env, "bareCall", hot_bare_call, own->hot)));
	exports.Set("gettid", Napi::Function::New<Gettid>(env, "gettid"));
	exports.Set("addressOf", Napi::Function::New<AddressOf>(env, "addressOf"));
	exports.Set("shapes", Napi::Function::New<Shapes>(env, "shapes"));
	exports.Set("functions", Napi::Function::New<Functions>(env, "functions"));
	exports.Set("registerFunction",
		    Napi::Function::New<RegisterFunction>(env, "registerFunction"));
	exports.Set("isRegistered", Napi::Function::New<IsRegistered>(env, "isRegistered"));
	exports.Set("attach", Napi::Function::New<Attach>(env, "attach"));
	exports.Set("detach", Napi::Function::New<DetachFromJs>(env, "detach"));
	exports.Set("watcher", Napi::Function::New<Watcher>(env, "watcher"));
	exports.Set("bareSetup", Napi::Function::New<BareSetup>(env, "bareSetup"));
	exports.Set("indirect", Napi::Function::New<Indirect>(env, "indirect"));
	exports.Set("ringWait", Napi::Function::New<RingWait>(env, "ringWait"));
	exports.Set("ringRoom", Napi::Function::New<RingRoom>(env, "ringRoom"));
	exports.Set("pin", Napi::Function::New<PinObjects>(env, "pin"));
	exports.Set("holdsMemory", Napi::Function::New<HoldsMemory>(env, "holdsMemory"));
	exports.Set("unpin", Napi::Function::New<Unpin>(env, "unpin"));
	exports.Set("counters", Napi::Function::New<Counters>(env, "counters"));
	exports.Set("doctor", Napi::Function::New<Doctor>(env, "doctor"));
	export_baseline(env, exports);
	export_actors(env, exports);
	return exports;
}

} // namespace

NODE_API_MODULE(syslets, Init)
