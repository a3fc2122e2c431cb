// SPDX-License-Identifier: MIT
// Files as memory: that of a trace, and that of a SharedArrayBuffer which other processes share.
//
// A byte of a mapping that the file no longer has, or that its full disk has no room for, gives
// SIGBUS. The process ends of it, as a C program does, but not in silence: the handler here says
// which byte of which file it was, and hands on to whatever comes next. A system call on such
// a byte fails with EFAULT.

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "addon/addon.h"
#include "addon/instance.h"
#include "addon/store.h"

namespace {

constexpr size_t NAME_BYTES = 256;

// A mapping that the handler can find. A row is taken again after its mapping has gone, never freed.
struct Mapping {
	std::atomic<uintptr_t> start;
	std::atomic<size_t> bytes; // whole pages; 0: the row is free
	uint64_t offset;	   // of the first page in the file
	char name[NAME_BYTES];	   // cut where it is longer
	Mapping *next;
};

std::mutex mappings_lock; // rows are written with it held; it is taken alone
std::atomic<Mapping *> mappings;
struct sigaction previous;

// Written by a system call: the handler may run on a thread whose TLS is another context's.
void Say(const char *text)
{
	syscall(SYS_write, STDERR_FILENO, text, strlen(text));
}

void SayNumber(uint64_t number)
{
	char digits[21];
	char *first = digits + sizeof(digits) - 1;

	*first = '\0';
	do {
		*--first = static_cast<char>('0' + number % 10);
		number /= 10;
	} while (number != 0);
	Say(first);
}

// A mapping in which somebody has a fault does not go meanwhile: its row is whole. One that is being
// written at the moment has no bytes before and after its start is read, or other ones.
const Mapping *MappingOf(uintptr_t address)
{
	for (const Mapping *one = mappings.load(); one != nullptr; one = one->next) {
		size_t bytes = one->bytes.load();

		if (address - one->start.load() < bytes && one->bytes.load() == bytes)
			return one;
	}
	return nullptr;
}

void SayWhere(const Mapping *mapping, uintptr_t address)
{
	Say("syslets: SIGBUS: byte ");
	SayNumber(mapping->offset + (address - mapping->start.load()));
	Say(" of ");
	Say(mapping->name);
	Say(" cannot be reached: the file was made shorter while it was mapped, or its disk is full\n");
}

// A handler that does not ask for siginfo, such as libuv's for `process.on('SIGBUS')`, cannot tell
// a fault from a signal that was sent: it would return, and the access would be made for ever.
void OnBus(int signal, siginfo_t *info, void *context)
{
	uintptr_t address = reinterpret_cast<uintptr_t>(info->si_addr);
	const Mapping *found = info->si_code == BUS_ADRERR ? MappingOf(address) : nullptr;

	if (found != nullptr)
		SayWhere(found, address);
	if (previous.sa_flags & SA_SIGINFO) {
		previous.sa_sigaction(signal, info, context);
	} else if (found == nullptr && previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
		previous.sa_handler(signal);
	} else {
		// the access is made again, and ends the process; a signal that was sent comes again
		std::signal(signal, SIG_DFL);
		if (info->si_code <= 0)
			syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), signal);
	}
}

void InstallHandler()
{
	static bool installed;
	struct sigaction action = {};

	if (installed)
		return;
	action.sa_sigaction = OnBus;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	installed = sigaction(SIGBUS, &action, &previous) == 0;
}

void Remember(uintptr_t start, size_t bytes, uint64_t offset, const std::string &name)
{
	std::lock_guard<std::mutex> hold(mappings_lock);
	Mapping *row = mappings.load();
	bool is_new;

	InstallHandler();
	while (row != nullptr && row->bytes.load() != 0)
		row = row->next;
	is_new = row == nullptr;
	if (is_new) {
		row = new Mapping();
		row->next = mappings.load();
	}
	row->offset = offset;
	row->name[name.copy(row->name, NAME_BYTES - 1)] = '\0';
	row->start.store(start);
	row->bytes.store(bytes); // pairs with MappingOf: the rest of the row is there
	if (is_new)
		mappings.store(row);
}

// By V8, on any thread, when the last buffer over it is gone.
void Unmap(void *data, size_t length, void *)
{
	uintptr_t page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
	uintptr_t start = reinterpret_cast<uintptr_t>(data) & ~(page - 1);
	std::lock_guard<std::mutex> hold(mappings_lock);

	for (Mapping *one = mappings.load(); one != nullptr; one = one->next) {
		if (one->start.load() == start && one->bytes.load() != 0) {
			size_t bytes = one->bytes.load();

			one->bytes.store(0);
			munmap(reinterpret_cast<void *>(start), bytes);
			return;
		}
	}
}

// NULL and *error, an errno.
void *MapFile(int fd, uint64_t offset, size_t bytes, int *error)
{
	void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, static_cast<off_t>(offset));

	*error = memory == MAP_FAILED ? errno : 0;
	return memory == MAP_FAILED ? nullptr : memory;
}

// Gives the bytes blocks, and makes the file longer where it ends before: 0 or -errno. By the
// system call: where a file system has none, the C library's emulation would store zeros among
// what others store. All at once, so that what is too much takes nothing; where a signal ends that
// (tmpfs then undid all of it) in pieces.
int Allocate(int fd, int64_t offset, int64_t bytes)
{
	int64_t end = offset + bytes, most = bytes;

	while (offset < end) {
		int64_t piece = end - offset < most ? end - offset : most;

		if (fallocate(fd, 0, offset, piece) == 0)
			offset += piece;
		else if (errno != EINTR)
			return -errno;
		else
			most = 16 << 20;
	}
	return 0;
}

int64_t Int64Of(const Napi::Value &value)
{
	return value.As<Napi::Number>().Int64Value();
}

// (descriptor, offset, length, name): a SharedArrayBuffer, or -errno.
Napi::Value MapShared(const Napi::CallbackInfo &info)
{
	uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
	uint64_t offset = static_cast<uint64_t>(Int64Of(info[1]));
	size_t length = static_cast<size_t>(Int64Of(info[2]));
	uint64_t before = offset % page;
	size_t bytes = (before + length + page - 1) / page * page;
	int error;
	char *memory = static_cast<char *>(
		MapFile(static_cast<int>(Int64Of(info[0])), offset - before, bytes, &error));

	if (memory == nullptr)
		return Napi::Number::New(info.Env(), -error);
	Remember(reinterpret_cast<uintptr_t>(memory), bytes, offset - before,
		 info[3].As<Napi::String>().Utf8Value());
	return Napi::Value(info.Env(), SharedOver(memory + before, length, Unmap));
}

// (descriptor, offset, length): 0 or -errno. A disk that is full says so here, not by a signal.
Napi::Value AllocateFile(const Napi::CallbackInfo &info)
{
	return Napi::Number::New(info.Env(), Allocate(static_cast<int>(Int64Of(info[0])), Int64Of(info[1]),
						      Int64Of(info[2])));
}

Napi::Value CanMapShared(const Napi::CallbackInfo &info)
{
	return Napi::Boolean::New(info.Env(), CanShareMemory());
}

} // namespace

void *MapTraceFile(const char *path, size_t bytes, int *error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	void *memory = nullptr;

	if (fd < 0) {
		*error = errno;
		return nullptr;
	}
	// a task that finds the disk full when it writes an event would get a signal for it
	*error = -Allocate(fd, 0, static_cast<int64_t>(bytes));
	if (*error == EOPNOTSUPP) // nobody else has the file
		*error = posix_fallocate(fd, 0, static_cast<off_t>(bytes));
	if (*error == 0)
		memory = MapFile(fd, 0, bytes, error);
	close(fd);
	if (memory == nullptr)
		unlink(path);
	return memory;
}

void ExportMappedFile(Napi::Env env, Napi::Object exports)
{
	exports.Set("mapShared", Napi::Function::New<MapShared>(env, "mapShared"));
	exports.Set("allocateFile", Napi::Function::New<AllocateFile>(env, "allocateFile"));
	exports.Set("canMapShared", Napi::Function::New<CanMapShared>(env, "canMapShared"));
}
