// SPDX-License-Identifier: MIT
// The addon's JavaScript face. TypeScript validates, this file converts, C asserts.
// lib/binding.ts has the types of what is exported here.

#include <cstdlib>

#include <napi.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "addon/addon.h"
#include "addon/instance.h"
#include "addon/store.h"
#include "syslets/submit.h"

namespace {

// The OS thread that runs JavaScript right now: by raw system call, since glibc's and libuv's
// idea of it stays with the thread on which the context was born.
Napi::Value Gettid(const Napi::CallbackInfo &info)
{
	return Napi::Number::New(info.Env(), static_cast<double>(syscall(SYS_gettid)));
}

Napi::Value AddressOf(const Napi::CallbackInfo &info)
{
	return BigInt(info.Env(), reinterpret_cast<uintptr_t>(DataOf(info.Env(), info[0])));
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

Napi::Value PlaceWait(const Napi::CallbackInfo &info)
{
	double timeout_ms = info[1].As<Napi::Number>().DoubleValue();
	long result = syslet_place_wait(reinterpret_cast<const syslet_result_place *>(ToU64(info[0])),
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
	const void *into = reinterpret_cast<const void *>(ToU64(info[0]));

	return Napi::Boolean::New(info.Env(), syslet_interrupt(into, ToU64(info[1])) != 0);
}

// Bun exports V8's functions, but its values are no handles of V8's. The answer is kept for the
// whole process, and a question that fails is no answer: JavaScript may have deleted `process`, and
// nothing can be read in a worker that is being terminated.
bool IsBunOrDeno(Napi::Env env)
{
	Napi::Value process = env.Global().Get("process");
	Napi::Value versions = process.IsObject() ? process.As<Napi::Object>().Get("versions") : process;
	bool is = versions.IsObject() && (versions.As<Napi::Object>().Has("bun") ||
					  versions.As<Napi::Object>().Has("deno"));

	if (env.IsExceptionPending()) // a getter's
		env.GetAndClearPendingException();
	return is;
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

	if (IsBunOrDeno(env))
		RefuseStores();
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
	exports.Set("callLooks",
		    Napi::Value(env, HotFunction(env, "callLooks", hot_call_looks, own->hot)));
	exports.Set("callMany",
		    Napi::Value(env, HotFunction(env, "callMany", hot_call_many, own->hot)));
	exports.Set("callAt", Napi::Value(env, HotFunction(env, "callAt", hot_call_at, own->hot)));
	exports.Set("dispatch",
		    Napi::Value(env, HotFunction(env, "dispatch", hot_dispatch, own->hot)));
	exports.Set("interrupt", Napi::Function::New<Interrupt>(env, "interrupt"));
	export_poll(env, exports);
	export_hold(env, exports);
	exports.Set("bareCall",
		    Napi::Value(env, HotFunction(env, "bareCall", hot_bare_call, own->hot)));
	exports.Set("gettid", Napi::Function::New<Gettid>(env, "gettid"));
	exports.Set("addressOf", Napi::Function::New<AddressOf>(env, "addressOf"));
	exports.Set("functions", Napi::Function::New<Functions>(env, "functions"));
	exports.Set("registerFunction",
		    Napi::Function::New<RegisterFunction>(env, "registerFunction"));
	exports.Set("isRegistered", Napi::Function::New<IsRegistered>(env, "isRegistered"));
	exports.Set("bareSetup", Napi::Function::New<BareSetup>(env, "bareSetup"));
	exports.Set("indirect", Napi::Function::New<Indirect>(env, "indirect"));
	exports.Set("ringWait", Napi::Function::New<RingWait>(env, "ringWait"));
	exports.Set("placeWait", Napi::Function::New<PlaceWait>(env, "placeWait"));
	exports.Set("ringRoom", Napi::Function::New<RingRoom>(env, "ringRoom"));
	ExportAttach(env, exports);
	ExportPins(env, exports);
	ExportMappedFile(env, exports);
	ExportDoctor(env, exports);
	export_baseline(env, exports);
	export_actors(env, exports);
	return exports;
}

} // namespace

NODE_API_MODULE(syslets, Init)
