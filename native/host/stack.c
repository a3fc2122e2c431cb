/* SPDX-License-Identifier: MIT */
/*
 * Kernel stacks: 64 KiB aligned to their size, a guard page below, the task at
 * the top. 64 of them are reserved at a time; memory is given back when a stack
 * is freed, address space is kept for the next one.
 */
#include "arch/sys.h"
#include "host/host.h"

#define CHUNK_STACKS 64
#define CHUNKS 512 /* as many as pid_max allows: 32,768 stacks */
#define GUARD_BYTES 4096
#define PROT_READ_WRITE 3
#define MAP_PRIVATE_ANON_NORESERVE 0x4022
#define MADV_DONTNEED 4

struct chunk {
	char *base;
	u64 used; /* a bit a stack */
};

static struct {
	struct mutex lock;
	struct chunk chunk[CHUNKS];
} stacks;

/* 0, or the aligned address of a new reservation; what lies beside it is given back. */
static char *reserve(void)
{
	u64 bytes = (u64)CHUNK_STACKS * STACK_SIZE, base, aligned;
	long map = SYS6(mmap, 0, bytes + STACK_SIZE, 0, MAP_PRIVATE_ANON_NORESERVE, -1, 0);

	if (sys_failed(map))
		return 0;
	base = (u64)map;
	aligned = (base + STACK_SIZE - 1) & ~(u64)(STACK_SIZE - 1);
	if (aligned > base)
		SYS2(munmap, base, aligned - base);
	if (base + STACK_SIZE > aligned)
		SYS2(munmap, aligned + bytes, base + STACK_SIZE - aligned);
	return (char *)aligned;
}

/* Precondition: stacks.lock. */
static char *take_from(struct chunk *chunk)
{
	int i;

	if (!chunk->base)
		smp_store_release(&chunk->base, reserve()); /* pairs with stack_is_task */
	if (!chunk->base || !~chunk->used)
		return 0;
	i = __builtin_ctzll(~chunk->used);
	chunk->used |= 1ull << i;
	return chunk->base + (u64)i * STACK_SIZE;
}

static char *take(void)
{
	char *stack = 0;
	int i;

	mutex_lock(&host_thread_ops, &stacks.lock);
	for (i = 0; i < CHUNKS && !stack; i++)
		stack = take_from(&stacks.chunk[i]);
	mutex_unlock(&host_thread_ops, &stacks.lock);
	return stack;
}

static void give_back(char *stack)
{
	int i;

	mutex_lock(&host_thread_ops, &stacks.lock);
	for (i = 0; i < CHUNKS; i++) {
		struct chunk *chunk = &stacks.chunk[i];
		u64 offset = (u64)(stack - chunk->base);

		if (chunk->base && offset < (u64)CHUNK_STACKS * STACK_SIZE) {
			chunk->used &= ~(1ull << (offset / STACK_SIZE));
			break;
		}
	}
	mutex_unlock(&host_thread_ops, &stacks.lock);
}

#ifdef __SANITIZE_ADDRESS__
void __asan_unpoison_memory_region(const volatile void *start, size_t bytes);

/* Who exits leaves its frames' red zones behind. */
static void forget_frames(char *stack)
{
	__asan_unpoison_memory_region(stack, STACK_SIZE);
}
#else
static void forget_frames(char *stack)
{
	(void)stack;
}
#endif

/* The task at the top of a new stack, not yet initialised, or 0. */
struct task *stack_alloc(void)
{
	char *stack = take();

	if (!stack)
		return 0;
	forget_frames(stack);
	if (SYS3(mprotect, stack + GUARD_BYTES, STACK_SIZE - GUARD_BYTES, PROT_READ_WRITE)) {
		give_back(stack);
		return 0;
	}
	count(stacks);
	return (struct task *)(stack + TASK_OFFSET);
}

/*
 * Is this where a task lies, in use or no more? Asked in signal handlers, so it takes
 * no lock: chunks are reserved in their order and stay. The memory can be read.
 */
int stack_is_task(const struct task *task)
{
	int i;

	for (i = 0; i < CHUNKS; i++) {
		const char *base = smp_load_acquire(&stacks.chunk[i].base);
		u64 offset = (u64)((const char *)task - base);

		if (!base)
			return 0;
		if (offset < (u64)CHUNK_STACKS * STACK_SIZE)
			return offset % STACK_SIZE == TASK_OFFSET;
	}
	return 0;
}

void *page_alloc(void)
{
	long map = SYS6(mmap, 0, CALL_PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANON_NORESERVE, -1, 0);

	return sys_failed(map) ? 0 : (void *)map;
}

void page_free(void *page)
{
	SYS2(munmap, page, CALL_PAGE);
}

/* Precondition: nobody runs on it. */
void stack_free(struct task *task)
{
	char *stack = (char *)task - TASK_OFFSET;

	SYS3(madvise, stack + GUARD_BYTES, STACK_SIZE - GUARD_BYTES, MADV_DONTNEED);
	give_back(stack);
	uncount(stacks);
}
