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

#endif
