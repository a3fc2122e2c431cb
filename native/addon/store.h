// SPDX-License-Identifier: MIT
#ifndef SYSLETS_STORE_H
#define SYSLETS_STORE_H

#include <memory>
#include <vector>

#include <node_api.h>

// The memory of ArrayBuffers: it stays as long as these live, whoever the buffers belong to.
using Stores = std::vector<std::shared_ptr<void>>;

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
