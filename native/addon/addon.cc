// SPDX-License-Identifier: MIT
// The addon's JavaScript face. TypeScript validates, this file converts, C asserts.

#include <cstdint>

#include <napi.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

// The OS thread that runs JavaScript right now: by raw system call, since glibc's and libuv's
// idea of it stays with the thread on which the context was born.
Napi::Value Gettid(const Napi::CallbackInfo &info)
{
	return Napi::Number::New(info.Env(), static_cast<double>(syscall(SYS_gettid)));
}

// Address of the first byte of a typed array or DataView. The typed-array call is the only one
// in Node 20's Node-API that gives the live address of a SharedArrayBuffer.
Napi::Value AddressOf(const Napi::CallbackInfo &info)
{
	napi_env env = info.Env();
	void *data = nullptr;

	if (info[0].IsTypedArray())
		napi_get_typedarray_info(env, info[0], nullptr, nullptr, &data, nullptr, nullptr);
	else
		napi_get_dataview_info(env, info[0], nullptr, &data, nullptr, nullptr);
	return Napi::BigInt::New(env, static_cast<uint64_t>(reinterpret_cast<uintptr_t>(data)));
}

Napi::Object Init(Napi::Env env, Napi::Object exports)
{
	exports.Set("gettid", Napi::Function::New<Gettid>(env, "gettid"));
	exports.Set("addressOf", Napi::Function::New<AddressOf>(env, "addressOf"));
	return exports;
}

} // namespace

NODE_API_MODULE(syslets, Init)
