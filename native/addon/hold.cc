// SPDX-License-Identifier: MIT
// Memory of calls that wait until their descriptor is ready: nobody has begun them, so that no pin
// of the C core is theirs, but the address in their block must stay good.

#include <memory>
#include <utility>
#include <vector>

#include "addon/addon.h"
#include "addon/poll.h"
#include "addon/store.h"

namespace {

// Of a call: mostly one memory, so that it needs no list.
struct Memory {
	SharedStore first;
	std::unique_ptr<Stores> others;
};

// By the number of the slot.
using Held = std::vector<Memory>;

Held &ArgumentsOf(napi_env env, napi_callback_info info, size_t number, napi_value *arguments,
		  uint32_t *slot)
{
	void *held = nullptr;

	napi_get_cb_info(env, info, &number, arguments, nullptr, &held);
	napi_get_value_uint32(env, arguments[0], slot);
	return *static_cast<Held *>(held);
}

Memory MemoryOf(Stores stores)
{
	Memory memory;

	if (stores.size() == 1)
		memory.first = std::move(stores[0]);
	else if (!stores.empty())
		memory.others = std::make_unique<Stores>(std::move(stores));
	return memory;
}

// holdMemory(slot, views): void
napi_value Hold(napi_env env, napi_callback_info info)
{
	napi_value arguments[2];
	uint32_t slot = 0;
	Held &held = ArgumentsOf(env, info, 2, arguments, &slot);

	if (slot >= held.size())
		held.resize(slot + 1);
	held[slot] = MemoryOf(HoldStores(env, arguments[1]));
	return nullptr;
}

// letGoMemory(slot): void
napi_value LetGo(napi_env env, napi_callback_info info)
{
	napi_value argument;
	uint32_t slot = 0;
	Held &held = ArgumentsOf(env, info, 1, &argument, &slot);

	if (slot < held.size())
		held[slot] = Memory();
	return nullptr;
}

void Delete(void *held)
{
	delete static_cast<Held *>(held);
}

} // namespace

extern "C" void export_hold(napi_env env, napi_value exports)
{
	Held *held = new Held();

	napi_add_env_cleanup_hook(env, Delete, held);
	export_with(env, exports, "holdMemory", Hold, held);
	export_with(env, exports, "letGoMemory", LetGo, held);
}
