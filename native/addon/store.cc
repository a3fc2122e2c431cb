// SPDX-License-Identifier: MIT
// V8's backing stores, which own the memory of buffers. Node-API has no call for them; the runtime
// exports V8's functions, which are called here as what the C++ ABI makes of them.
//
// One is held while the kernel may write to an ArrayBuffer: a reference to the object keeps the
// object, but after `postMessage(buffer, [buffer])` or `buffer.transfer()` the memory belongs to
// another one, and is freed with that. Where the function is missing, nothing but shared memory is
// taken. And one is made over memory of ours, for a SharedArrayBuffer.

#include <dlfcn.h>

#include "addon/store.h"

namespace {

// A function that the runtime exports, or NULL.
template <class Function> Function Find(const char *name)
{
	return reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
}

// std::shared_ptr<v8::BackingStore> v8::ArrayBuffer::GetBackingStore(), in V8 since 7.9: as a
// function, `this` comes after the place for the result, in the order of the C++ ABI.
using GetBackingStore = SharedStore (*)(void *array_buffer);

// v8::BackingStore::~BackingStore()
using DestroyStore = void (*)(void *store);

// v8::Isolate::GetCurrent()
using GetCurrent = void *(*)();

// Of a store that was made here.
class OwnersOfOurs : public Owners {
    public:
	OwnersOfOurs(void *store, DestroyStore destroy) : store_(store), destroy_(destroy) {}

	void Dispose() override
	{
		destroy_(store_);
		::operator delete(store_);
	}

	void Destroy() override { delete this; }

	void *GetDeleter(const void *) override { return nullptr; }

    private:
	void *store_;
	DestroyStore destroy_;
};

// What a function gives back by the ABI of a std::unique_ptr<v8::BackingStore>: a class that is not
// trivial, of one pointer.
struct OwnedStore {
	void *store;
	~OwnedStore() {}
};

// std::unique_ptr<v8::BackingStore> v8::SharedArrayBuffer::NewBackingStore(void *data,
//	size_t byte_length, v8::BackingStore::DeleterCallback, void *deleter_data)
using NewBackingStore = OwnedStore (*)(void *data, size_t bytes, FreeMemory free, void *of_free);

// v8::Local<v8::SharedArrayBuffer> v8::SharedArrayBuffer::New(v8::Isolate *,
//	std::shared_ptr<v8::BackingStore>)
using NewShared = void *(*)(void *isolate, SharedStore store);

struct Sharing {
	DestroyStore destroy = Find<DestroyStore>("_ZN2v812BackingStoreD1Ev");
	GetCurrent get_current = Find<GetCurrent>("_ZN2v87Isolate10GetCurrentEv");
	NewBackingStore new_store =
		Find<NewBackingStore>("_ZN2v817SharedArrayBuffer15NewBackingStoreEPvmPFvS1_mS1_ES1_");
	NewShared new_shared = Find<NewShared>(
		"_ZN2v817SharedArrayBuffer3NewEPNS_7IsolateESt10shared_ptrINS_12BackingStoreEE");
};

const Sharing &sharing()
{
	static const Sharing found;

	return found;
}

bool refused;

// NULL too where V8's shared_ptr is not libstdc++'s, which the name of a function that takes one tells.
GetBackingStore get_backing_store()
{
	static const GetBackingStore found =
		sharing().new_shared == nullptr
			? nullptr
			: Find<GetBackingStore>("_ZN2v811ArrayBuffer15GetBackingStoreEv");

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

SharedStore &SharedStore::operator=(SharedStore &&other) noexcept
{
	std::swap(store_, other.store_);
	std::swap(owners_, other.owners_);
	return *this;
}

SharedStore::~SharedStore()
{
	if (owners_ == nullptr || owners_->shared.fetch_sub(1) != 1)
		return;
	owners_->Dispose();
	if (owners_->weak.fetch_sub(1) == 1)
		owners_->Destroy();
}

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

bool CanShareMemory()
{
	const Sharing &found = sharing();

	return !refused && found.destroy != nullptr && found.get_current != nullptr &&
	       found.new_store != nullptr && found.new_shared != nullptr;
}

napi_value SharedOver(void *data, size_t bytes, FreeMemory free)
{
	const Sharing &found = sharing();
	OwnedStore owned = found.new_store(data, bytes, free, nullptr);
	SharedStore store(owned.store, new OwnersOfOurs(owned.store, found.destroy));

	// V8's handle is a napi_value
	return reinterpret_cast<napi_value>(found.new_shared(found.get_current(), std::move(store)));
}
