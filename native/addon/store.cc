// SPDX-License-Identifier: MIT
// Keeps the memory of an ArrayBuffer while the kernel may write to it, also when the program
// transfers the buffer meanwhile: a reference to the object keeps the object, but after
// `postMessage(buffer, [buffer])` or `buffer.transfer()` the memory belongs to another one, and is
// freed with that. What owns it is V8's backing store, which Node-API has no call for. The runtime
// exports the one function that gives it; where it does not, nothing but shared memory is taken.

#include <dlfcn.h>
#include <memory>

#include "addon/store.h"

namespace {

// std::shared_ptr<v8::BackingStore> v8::ArrayBuffer::GetBackingStore(), in V8 since 7.9: as a
// function, `this` comes after the place for the result, in the order of the C++ ABI.
using GetBackingStore = std::shared_ptr<void> (*)(void *array_buffer);

GetBackingStore Lookup()
{
	return reinterpret_cast<GetBackingStore>(
		dlsym(RTLD_DEFAULT, "_ZN2v811ArrayBuffer15GetBackingStoreEv"));
}

bool refused;

GetBackingStore get_backing_store()
{
	static const GetBackingStore found = Lookup();

	return found;
}

// The ArrayBuffer under a view, or the value itself; NULL for shared memory and other objects.
napi_value BufferOf(napi_env env, napi_value value)
{
	napi_value buffer = value;
	bool is = false;

	if (napi_is_typedarray(env, value, &is) == napi_ok && is)
		napi_get_typedarray_info(env, value, nullptr, nullptr, nullptr, &buffer, nullptr);
	else if (napi_is_dataview(env, value, &is) == napi_ok && is)
		napi_get_dataview_info(env, value, nullptr, nullptr, &buffer, nullptr);
	if (napi_is_arraybuffer(env, buffer, &is) != napi_ok || !is)
		return nullptr;
	return buffer;
}

void Add(napi_env env, napi_value one, Stores *stores)
{
	napi_value buffer = BufferOf(env, one);

	// a napi_value is V8's handle
	if (buffer != nullptr)
		stores->push_back(get_backing_store()(reinterpret_cast<void *>(buffer)));
}

} // namespace

void RefuseStores()
{
	refused = true;
}

bool CanHoldStores()
{
	return !refused && get_backing_store() != nullptr;
}

Stores HoldStores(napi_env env, napi_value objects)
{
	uint32_t length = 0;
	bool is_list = false;
	Stores stores;

	if (!CanHoldStores())
		return stores;
	napi_is_array(env, objects, &is_list);
	if (!is_list)
		Add(env, objects, &stores);
	else
		napi_get_array_length(env, objects, &length);
	for (uint32_t i = 0; i < length; i++) {
		napi_value one = nullptr;

		napi_get_element(env, objects, i, &one);
		Add(env, one, &stores);
	}
	return stores;
}
