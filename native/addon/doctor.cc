// SPDX-License-Identifier: MIT
// What the C core tells of itself: shapes, counters, and what it found on this machine.

#include <cstring>

#include "addon/addon.h"
#include "addon/instance.h"

namespace {

Napi::Value Shapes(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object shapes = Napi::Object::New(env), fields;

	// the fields of a struct come behind it
	for (unsigned i = 0; const shape_row *row = shape_at(i); i++) {
		Napi::Object one = Napi::Object::New(env);

		one.Set("size", row->size);
		if (row->field == nullptr) {
			fields = Napi::Object::New(env);
			one.Set("align", row->offset);
			one.Set("fields", fields);
			shapes.Set(row->structure, one);
		} else {
			one.Set("offset", row->offset);
			fields.Set(row->field, one);
		}
	}
	return shapes;
}

Napi::Value Counters(const Napi::CallbackInfo &info)
{
	Napi::Object counters = Napi::Object::New(info.Env());
	struct syslet_counters now;
	uint64_t value;

	syslet_read_counters(&now);
	for (unsigned i = 0; const char *name = counter_name(i, &now, &value); i++)
		counters.Set(name, BigInt(info.Env(), value));
	return counters;
}

Napi::Value Doctor(const Napi::CallbackInfo &info)
{
	Napi::Env env = info.Env();
	Napi::Object doctor = Napi::Object::New(env);
	Napi::Array refused = Napi::Array::New(env);
	struct syslet_facts facts;

	for (unsigned i = 0; const struct syslet_refused_call *row = syslet_refused(i); i++) {
		Napi::Object call = Napi::Object::New(env);
		call.Set("name", row->name);
		call.Set("nr", row->nr);
		call.Set("reason", row->reason);
		refused.Set(i, call);
	}
	syslet_read_facts(&facts);
	doctor.Set("refused", refused);
	doctor.Set("arch", facts.arch);
	doctor.Set("handOff", Napi::Boolean::New(env, facts.hand_off != 0));
	doctor.Set("fsgsbase", Napi::Boolean::New(env, facts.fsgsbase != 0));
	doctor.Set("protectionKeys", Napi::Boolean::New(env, facts.protection_keys != 0));
	doctor.Set("perf", facts.perf_errno == 0 ? "ok" : strerror(facts.perf_errno));
	doctor.Set("sampler", facts.sampler_errno == 0 ? "ok" : strerror(facts.sampler_errno));
	doctor.Set("interruptSignal", facts.interrupt_signal);
	doctor.Set("spare", Napi::Boolean::New(env, facts.spare != 0));
	doctor.Set("guardian", Napi::Boolean::New(env, facts.guardian != 0));
	doctor.Set("descriptorsHeld", facts.descriptors_held);
	doctor.Set("descriptorsMissing", facts.descriptors_missing);
	doctor.Set("attached", Napi::Boolean::New(env, syslet_is_attached() != 0));
	return doctor;
}

Napi::Value WhyRefused(const Napi::CallbackInfo &info)
{
	uint32_t nr = info[0].As<Napi::Number>().Uint32Value();

	for (unsigned i = 0; const struct syslet_refused_call *row = syslet_refused(i); i++)
		if (static_cast<uint32_t>(row->nr) == nr)
			return Napi::String::New(info.Env(), row->reason);
	return info.Env().Undefined();
}

} // namespace

void ExportDoctor(Napi::Env env, Napi::Object exports)
{
	exports.Set("shapes", Napi::Function::New<Shapes>(env, "shapes"));
	exports.Set("counters", Napi::Function::New<Counters>(env, "counters"));
	exports.Set("doctor", Napi::Function::New<Doctor>(env, "doctor"));
	exports.Set("whyRefused", Napi::Function::New<WhyRefused>(env, "whyRefused"));
}
