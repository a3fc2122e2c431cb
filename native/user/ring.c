/* SPDX-License-Identifier: MIT */
/* A ring of the library's making, and how its user reaps it. */
#include <sys/mman.h>

#include "arch/error.h"
#include "kernel/barrier.h"
#include "syslets/submit.h"

static size_t bytes_of(uint32_t elements)
{
	return sizeof(struct syslet_ring) + (size_t)elements * sizeof(struct syslet_completion);
}

int syslet_ring_create(uint32_t elements, struct syslet_ring **ring)
{
	struct syslet_ring *made;

	*ring = 0;
	if (!elements || (elements & (elements - 1)))
		return -E_INVAL;
	made = mmap(0, bytes_of(elements), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	if (made == MAP_FAILED)
		return -E_NOMEM;
	made->elements = elements;
	made->wait_group = (uint32_t)((uintptr_t)made >> 12); /* rings of a program differ there */
	*ring = made;
	return 0;
}

void syslet_ring_destroy(struct syslet_ring *ring)
{
	if (ring)
		munmap(ring, bytes_of(ring->elements));
}

/*
 * The store of user_tail and the load of the room mark are Dekker's, with a full barrier
 * between: a completer that waits for room raises the mark, and then looks at user_tail.
 */
static void reaped_to(struct syslet_ring *ring, uint32_t tail)
{
	smp_store_release(&ring->user_tail, tail);
	smp_mb();
	if (syslet_room_wanted())
		syslet_ring_room(ring);
}

uint32_t syslet_ring_reap(struct syslet_ring *ring, struct syslet_completion *into, uint32_t most)
{
	uint32_t head = smp_load_acquire(&ring->kernel_head);
	uint32_t tail = ring->user_tail, number, i;

	if (head - tail > ring->elements)
		tail = head - ring->elements;
	number = head - tail < most ? head - tail : most;
	for (i = 0; i < number; i++)
		into[i] = ring->comp[(tail + i) & (ring->elements - 1)];
	if (number)
		reaped_to(ring, tail + number);
	return number;
}

long syslet_ring_reap_wait(struct syslet_ring *ring, struct syslet_completion *into, uint32_t most,
			   uint64_t timeout_ns)
{
	if (!most)
		return -E_INVAL;
	for (;;) {
		uint32_t number = syslet_ring_reap(ring, into, most);
		long error;

		if (number)
			return (long)number;
		error = syslet_ring_wait(ring, ring->user_tail, timeout_ns);
		if (error)
			return error;
	}
}
