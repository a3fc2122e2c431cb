// SPDX-License-Identifier: MIT
// What calls in flight use stays alive until they are over.

#include "addon/addon.h"
#include "addon/instance.h"
#include "addon/store.h"

namespace {

// A pin: the objects of one call in flight. The C core links these records.
struct Pin {
	syslet_pin_record link; // first: the record is the pin
	napi_ref objects;
	Stores stores; // their memory, which can be transferred
};

// Releases the pins of calls that are over; how many.
unsigned Release(napi_env env)
{
	syslet_pin_record *records = syslet_unpin();
	unsigned number = 0;

	for (syslet_pin_record *record = records; record != nullptr; record = record->next)
		number++;
	DeletePins(env, records);
	return number;
}

// Returns by how many pins there are more.
Napi::Value PinObjects(const Napi::CallbackInfo &info)
{
	if (!syslet_is_attached())
		return Napi::Number::New(info.Env(), 0); // no call is in flight
	Pin *pin = new Pin();
	int released = static_cast<int>(Release(info.Env()));

	napi_create_reference(info.Env(), info[0], 1, &pin->objects);
	pin->stores = HoldStores(info.Env(), info[0]);
	syslet_pin(&pin->link);
	return Napi::Number::New(info.Env(), 1 - released);
}

Napi::Value Unpin(const Napi::CallbackInfo &info)
{
	return Napi::Number::New(info.Env(), Release(info.Env()));
}

Napi::Value HoldsMemory(const Napi::CallbackInfo &info)
{
	return Napi::Boolean::New(info.Env(), CanHoldStores());
}

} // namespace

void DeletePins(napi_env env, syslet_pin_record *record)
{
	while (record != nullptr) {
		Pin *pin = reinterpret_cast<Pin *>(record);

		record = record->next;
		napi_delete_reference(env, pin->objects);
		delete pin;
	}
}

void ExportPins(Napi::Env env, Napi::Object exports)
{
	exports.Set("pin", Napi::Function::New<PinObjects>(env, "pin"));
	exports.Set("unpin", Napi::Function::New<Unpin>(env, "unpin"));
	exports.Set("holdsMemory", Napi::Function::New<HoldsMemory>(env, "holdsMemory"));
}
