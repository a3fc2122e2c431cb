/* SPDX-License-Identifier: MIT */
/*
 * Keeps our signal handlers first. Node (through libuv) and V8 install handlers for
 * SEGV and PROF with sigaction while a context may be on another OS thread; a
 * handler in our place would crash within seconds (or make a bad access spin). So
 * the program's own imports of sigaction are routed to ours, which keeps virtual
 * dispositions for those signals and passes all others on. Nobody has to look at
 * dispositions later, at no hand-off and in no timer.
 *
 * Objects that are loaded later are routed when dlopen returns, and whatever their
 * constructors installed by then is taken for the program's newest handler, as if it had
 * come by sigaction; both are looked after at each attach, too.
 *
 * An import is a slot that the dynamic linker filled; RELRO makes it read-only
 * again, so its page is made writable for the one store. A program whose sigaction
 * cannot be found so (a static one) keeps what it had: then who installs a handler
 * for PROF or SEGV after us takes our place, as without this file.
 *
 * pthread_kill is routed too: V8's profiler sends PROF to the birth thread, which
 * our handler would pass on to the carrier. But the birth thread has to be woken
 * for that, beside a carrier that keeps the processor busy until it blocks: a
 * third of the samples then fell on the hand-offs. So PROF goes to the carrier at
 * once; should the context move meanwhile, the handler still passes it on.
 */
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "user/user.h"

#if defined(__x86_64__)
#define R_IMPORT_SLOT R_X86_64_JUMP_SLOT
#define R_IMPORT_DATA R_X86_64_GLOB_DAT
#elif defined(__aarch64__)
#define R_IMPORT_SLOT R_AARCH64_JUMP_SLOT
#define R_IMPORT_DATA R_AARCH64_GLOB_DAT
#else
#define R_IMPORT_SLOT 0
#define R_IMPORT_DATA 0
#endif

#define PAGE_MASK_OF(size) (~((uintptr_t)(size)-1))

typedef int sigaction_function(int, const struct sigaction *, struct sigaction *);

typedef int kill_function(pthread_t, int);

typedef sighandler_t signal_function(int, sighandler_t);

typedef void *dlopen_function(const char *, int);

/*
 * Volatile: they are stored once, and clang would call the name in place of each, which by
 * then leads back to us.
 */
static sigaction_function *volatile real_sigaction;
static kill_function *volatile real_pthread_kill;
static signal_function *volatile real_signal;
static dlopen_function *volatile real_dlopen;

static pid_t owner; /* the process whose dispositions the table holds */

/*
 * A child on its way to exec resets every signal, and may share our memory (vfork): what it
 * does to its own dispositions must not reach the table.
 */
int in_child(void)
{
	pid_t pid = getpid(); /* which a filter that is added later may refuse */

	return pid > 0 && pid != owner;
}

static void to_kernel(struct kernel_sigaction *to, const struct sigaction *from)
{
	to->handler = (void (*)(int, void *, void *))(void *)from->sa_sigaction;
	to->flags = (u64)(unsigned)from->sa_flags;
	memcpy(&to->mask, &from->sa_mask, sizeof(to->mask));
}

static void from_kernel(struct sigaction *to, const struct kernel_sigaction *from)
{
	memset(to, 0, sizeof(*to));
	to->sa_sigaction = (void (*)(int, siginfo_t *, void *))(void *)from->handler;
	to->sa_flags = (int)(from->flags & ~0x04000000ull); /* SA_RESTORER is not the user's */
	memcpy(&to->sa_mask, &from->mask, sizeof(from->mask));
}

static int virtual_sigaction(int signal, const struct sigaction *act, struct sigaction *old)
{
	struct kernel_sigaction new_action, old_action;
	sigset_t all, before;

	if (act && (u32)signal == host_interrupt_signal && !in_child()) {
		errno = EINVAL; /* as glibc answers for its own two */
		return -1;
	}
	if (!signals_are_virtual(signal))
		return real_sigaction(signal, act, old);
	if (act)
		to_kernel(&new_action, act);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	signals_virtual_action(signal, act ? &new_action : 0, old ? &old_action : 0);
	pthread_sigmask(SIG_SETMASK, &before, 0);
	if (old)
		from_kernel(old, &old_action);
	return 0;
}

static int virtual_pthread_kill(pthread_t thread, int signal)
{
	if (signal == SIGPROF && attached_signal((u64)thread, signal))
		return 0;
	return real_pthread_kill(thread, signal);
}

/* signal() is sigaction() with flags of its own. */
static sighandler_t virtual_signal(int signal, sighandler_t handler)
{
	struct sigaction act = {.sa_handler = handler, .sa_flags = SA_RESTART}, old;

	if (in_child() || (!signals_are_virtual(signal) && (u32)signal != host_interrupt_signal))
		return real_signal(signal, handler);
	return virtual_sigaction(signal, &act, &old) ? SIG_ERR : old.sa_handler;
}

/*
 * A name without a slash is looked for on the path of the object that calls, which the C
 * library tells by the return address: that call is passed on by a jump, and what it loads
 * is routed by the next one, or at attach.
 */
static void *watched_dlopen(const char *name, int flags)
{
	void *handle;

	if (!name || !strchr(name, '/') || strchr(name, '$'))
		return real_dlopen(name, flags);
	handle = real_dlopen(name, flags);
	if (handle)
		interpose_signals_again();
	return handle;
}

static void *find_routed(const struct routed *table, unsigned count, const char *name)
{
	unsigned i;

	for (i = 0; i < count; i++)
		if (!strcmp(name, table[i].name))
			return table[i].ours;
	return 0;
}

static void *replacement_of(const char *name)
{
	static const struct routed own[] = {
		{"sigaction", (void *)virtual_sigaction},
		{"signal", (void *)virtual_signal},
		{"bsd_signal", (void *)virtual_signal},
		{"ssignal", (void *)virtual_signal},
		{"pthread_kill", (void *)virtual_pthread_kill},
		{"dlopen", (void *)watched_dlopen},
	};
	void *ours = find_routed(own, sizeof(own) / sizeof(*own), name);

	return ours ? ours : find_routed(routed_set_ids, routed_set_ids_count, name);
}

struct object {
	ElfW(Addr) base;
	uintptr_t relro, relro_end; /* read-only after relocation */
	const ElfW(Sym) *symbols;
	const char *names;
	const ElfW(Rela) *slots, *data;
	size_t slots_bytes, data_bytes;
};

static void store_in_slot(const struct object *object, void **slot, void *value)
{
	uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t page = (uintptr_t)slot & PAGE_MASK_OF(size);
	int was_read_only = page >= object->relro && page + size <= object->relro_end;

	if (was_read_only && mprotect((void *)page, size, PROT_READ | PROT_WRITE))
		return;
	__atomic_store_n(slot, value, __ATOMIC_RELEASE);
	if (was_read_only)
		mprotect((void *)page, size, PROT_READ);
}

/* The dynamic linker protects whole pages: the end is rounded down. */
static void read_relro(struct object *object, const ElfW(Phdr) *header)
{
	uintptr_t size = (uintptr_t)sysconf(_SC_PAGESIZE);

	object->relro = (object->base + header->p_vaddr) & PAGE_MASK_OF(size);
	object->relro_end = (object->base + header->p_vaddr + header->p_memsz) & PAGE_MASK_OF(size);
}

/* glibc has relocated the addresses in the dynamic section, and musl has not. */
static const void *in_object(const struct object *object, const ElfW(Dyn) *dynamic)
{
	uintptr_t address = (uintptr_t)dynamic->d_un.d_ptr;

	return (const void *)(address < object->base ? object->base + address : address);
}

static void read_dynamic(struct object *object, const ElfW(Dyn) *dynamic)
{
	for (; dynamic->d_tag != DT_NULL; dynamic++) {
		switch (dynamic->d_tag) {
		case DT_SYMTAB:
			object->symbols = in_object(object, dynamic);
			break;
		case DT_STRTAB:
			object->names = in_object(object, dynamic);
			break;
		case DT_JMPREL:
			object->slots = in_object(object, dynamic);
			break;
		case DT_PLTRELSZ:
			object->slots_bytes = dynamic->d_un.d_val;
			break;
		case DT_RELA:
			object->data = in_object(object, dynamic);
			break;
		case DT_RELASZ:
			object->data_bytes = dynamic->d_un.d_val;
			break;
		default:
			break;
		}
	}
}

/* The vDSO, which imports nothing, and the C library, whose own calls are not the program's. */
static int is_of_the_system(const char *name)
{
	return strstr(name, "linux-vdso") || strstr(name, "libc.so") || strstr(name, "ld-linux") ||
	       strstr(name, "ld-musl");
}

static void route(const struct object *object, const ElfW(Rela) *relocations, size_t bytes)
{
	size_t i;

	for (i = 0; relocations && i < bytes / sizeof(*relocations); i++) {
		unsigned long type = ELF64_R_TYPE(relocations[i].r_info);
		const ElfW(Sym) *symbol = &object->symbols[ELF64_R_SYM(relocations[i].r_info)];
		void **slot = (void **)(object->base + relocations[i].r_offset);

		void *ours = 0;

		if (type == R_IMPORT_SLOT || type == R_IMPORT_DATA)
			ours = replacement_of(object->names + symbol->st_name);
		if (ours && *slot != ours)
			store_in_slot(object, slot, ours);
	}
}

static int route_object(struct dl_phdr_info *info, size_t size, void *first)
{
	struct object object = {.base = info->dlpi_addr};
	int i;

	(void)size;
	if (!info->dlpi_phnum || is_of_the_system(info->dlpi_name))
		return 0;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];

		if (header->p_type == PT_DYNAMIC)
			read_dynamic(&object, (const void *)(info->dlpi_addr + header->p_vaddr));
		if (header->p_type == PT_GNU_RELRO)
			read_relro(&object, header);
	}
	(void)first;
	if (!object.symbols || !object.names)
		return 0;
	route(&object, object.slots, object.slots_bytes);
	route(&object, object.data, object.data_bytes);
	return 0;
}

/* Called once, at load. Our own imports are routed too: so they are read before. */
void interpose_signals(void)
{
	real_sigaction = sigaction;
	real_pthread_kill = pthread_kill;
	real_signal = signal;
	real_dlopen = dlopen;
	find_set_ids();
	owner = getpid();
	dl_iterate_phdr(route_object, 0);
}

/* Objects may have been loaded since, and handlers installed in our place. */
void interpose_signals_again(void)
{
	if (in_child())
		owner = getpid();
	dl_iterate_phdr(route_object, 0);
	signals_take_back();
}
