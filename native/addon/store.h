// SPDX-License-Identifier: MIT
#ifndef SYSLETS_STORE_H
#define SYSLETS_STORE_H

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include <node_api.h>

// Counts the owners of a backing store: std::_Sp_counted_base of libstdc++, by its members and the order
// of its virtual functions.
struct Owners {
	virtual ~Owners() = default;
	virtual void Dispose() = 0; // the last std::shared_ptr has gone
	virtual void Destroy() = 0; // and the last std::weak_ptr
	virtual void *GetDeleter(const void *type) = 0;

	std::atomic<int32_t> shared{1};
	std::atomic<int32_t> weak{1};
};

// The runtime's std::shared_ptr<v8::BackingStore>. The runtime has libstdc++, while a prebuilt addon has
// libc++ inside, which counts the owners in another way: std::shared_ptr cannot go from one to the other.
class SharedStore {
    public:
	SharedStore() = default;
	SharedStore(void *store, Owners *owners) : store_(store), owners_(owners) {}
	SharedStore(SharedStore &&other) noexcept { *this = std::move(other); }
	SharedStore &operator=(SharedStore &&other) noexcept;
	~SharedStore();

    private:
	void *store_ = nullptr;
	Owners *owners_ = nullptr;
};

// The memory of ArrayBuffers: it stays as long as these live, whoever the buffers belong to.
using Stores = std::vector<SharedStore>;

// Called at load, where values are no handles of V8's: from then on there are none.
void RefuseStores();

// false: this runtime does not give them away.
bool CanHoldStores();

// Those of the ArrayBuffers and views of ArrayBuffers in an array, or of a single one; shared
// memory is none.
Stores HoldStores(napi_env env, napi_value list);

// Called with the memory and its bytes, on any thread.
using FreeMemory = void (*)(void *data, size_t bytes, void *);

// false: this runtime takes no memory for a SharedArrayBuffer.
bool CanShareMemory();

// A SharedArrayBuffer over memory that is freed when the last one over it has gone.
napi_value SharedOver(void *data, size_t bytes, FreeMemory free);

#endif
