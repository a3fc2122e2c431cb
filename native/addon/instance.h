// SPDX-License-Identifier: MIT
#ifndef SYSLETS_INSTANCE_H
#define SYSLETS_INSTANCE_H

#include <cstdint>
#include <set>

#include <napi.h>

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

inline Instance &Own(Napi::Env env)
{
	return *env.GetInstanceData<Instance>();
}

inline Napi::Value BigInt(Napi::Env env, uint64_t value)
{
	return Napi::BigInt::New(env, value);
}

inline uint64_t ToU64(const Napi::Value &value)
{
	bool lossless = true;

	if (value.IsBigInt())
		return value.As<Napi::BigInt>().Uint64Value(&lossless);
	return static_cast<uint64_t>(value.As<Napi::Number>().Int64Value());
}

// First byte of a typed array or DataView. The typed-array call is the only one in Node 20's
// Node-API that gives the live address of a SharedArrayBuffer.
inline void *DataOf(napi_env env, const Napi::Value &view)
{
	void *data = nullptr;

	if (view.IsTypedArray())
		napi_get_typedarray_info(env, view, nullptr, nullptr, &data, nullptr, nullptr);
	else
		napi_get_dataview_info(env, view, nullptr, &data, nullptr, nullptr);
	return data;
}

// attach.cc
void ExportAttach(Napi::Env env, Napi::Object exports);

// doctor.cc
void ExportDoctor(Napi::Env env, Napi::Object exports);

// mapped-file.cc
void ExportMappedFile(Napi::Env env, Napi::Object exports);
// The memory of a new file, or NULL and *error, an errno: what was written outlives the process.
void *MapTraceFile(const char *path, size_t bytes, int *error);

// pins.cc: objects of calls in flight
void ExportPins(Napi::Env env, Napi::Object exports);
void DeletePins(napi_env env, struct syslet_pin_record *record);

#endif
